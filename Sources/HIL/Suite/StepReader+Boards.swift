import Settings

extension StepReader {
    func board(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        let unit = unit(kind, reader)
        switch kind {
        case .power:
            let power = needed("to", reader, "on, off or cycle") { reader.choice("to", of: Step.Power.self) }
            return unit.flatMap { unit in power.map { .power(unit: unit, $0) } }
        case .serialTypes:
            let text = needed("text", reader, "what is typed") { reader.string("text") }
            return unit.flatMap { unit in text.map { .types(unit: unit, $0) } }
        case .serialSpeed:
            let baud = needed("baud", reader, "bits a second") { reader.integer("baud", in: 50...4_000_000) }
            return unit.flatMap { unit in baud.map { .speed(unit: unit, baud: $0) } }
        default:
            let image = needed("image", reader, "a file for iot flash write") { reader.string("image") }
            let address = reader.integer("address", in: 0...0xFF_FFFF)
            let fails = reader.integer("power-fails-after", in: 1...100_000_000)
            let outcome = reader.choice("outcome", of: FlashOrder.Outcome.self) ?? .success
            if fails != nil, let unit { want(.brownOut, of: unit, reader, key: "power-fails-after") }
            guard let unit, let image else { return nil }
            return .flash(
                FlashOrder(unit: unit, image: image, address: address, powerFailsAfter: fails, outcome: outcome))
        }
    }

    func says(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        let speaker: Step.Speaker? =
            switch kind {
            case .baseSays: .base
            case .hubSays: .hub
            default: unit(kind, reader).map { .console($0) }
            }
        let (text, regex) = (reader.string("text"), reader.string("regex"))
        if text?.isEmpty ?? false { reader.report("text", "is empty; every line has that within it") }
        var pattern = text.map { TextPattern.text($0) }
        if let regex {
            pattern = self.pattern(regex, "regex", reader)
            if text != nil { reader.report("regex", "does not go with text; keep one of the two") }
        } else if text == nil, !["text", "regex"].contains(where: { reader.node($0) != nil }) {
            reader.report(nil, "wants text or regex: what the line has within it")
        }
        if kind == .serialLacks {
            let time = needed("for", reader, "a time: 3s") { reader.duration("for", in: Self.times) }
            guard let speaker, let pattern, let time else { return nil }
            return .saysNot(speaker, pattern, for: time)
        }
        let since = reader.choice("since", of: Step.Since.self) ?? .last
        guard let speaker, let pattern else { return nil }
        return .says(speaker, pattern, since: since)
    }

    private func pattern(_ text: String, _ key: String, _ reader: SettingsReader) -> TextPattern? {
        guard !text.isEmpty else {
            reader.report(key, "is empty; every line fits that")
            return nil
        }
        guard let pattern = TextPattern.compiled(text), let matcher = try? LineMatcher(pattern) else {
            reader.report(key, "is no regular expression: \(text)")
            return nil
        }
        guard ["", "a 1"].contains(where: { (try? matcher.matches($0)) != true }) else {
            reader.report(key, "is fit by every line: \(text)")
            return nil
        }
        return pattern
    }

    func network(_ reader: SettingsReader) -> Step.Action? {
        let link = needed("at", reader, "a unit, dashboard or broker") { reader.string("at") }
        let mode = needed("is", reader, "one of \(Cable.Mode.words)") { reader.choice("is", of: Cable.Mode.self) }
        guard let link, let mode else { return nil }
        switch link {
        case "dashboard": return .network(.dashboard, mode)
        case "broker": return .network(.broker, mode)
        default: return unit(link, .network, reader, key: "at").map { .network(.unit($0), mode) }
        }
    }

    func connections(_ reader: SettingsReader) -> Step.Action? {
        let unit = unit(.connections, reader)
        let expectation = ConnectionExpectation(
            unit: unit ?? "", since: reader.choice("since", of: Step.Since.self) ?? .case,
            count: range("count", reader, "from 0") { node in
                if case .integer(let number) = node, number >= 0 { number } else { nil }
            },
            mostAtOnce: reader.integer("most-at-once", in: 1...1000))
        if reader.node("count") == nil, reader.node("most-at-once") == nil {
            reader.report(nil, "wants count: [least, most], most-at-once, or both")
        }
        return unit.map { _ in .connections(expectation) }
    }

    func client(_ kind: StepKind, _ reader: SettingsReader) -> Step.Action? {
        if kind == .connect {
            let unit = unit(kind, reader)
            let name = reader.string("as") ?? "client"
            clients.insert(name)
            return unit.map { .connect(client: name, unit: $0) }
        }
        let name = reader.string("client") ?? "client"
        if !clients.contains(name) {
            reader.report(
                "client", "is no client \"\(name)\" that a step before connects; write connect: {as: \(name)} first")
        }
        switch kind {
        case .clientSends:
            let text = needed("text", reader, "what is sent; \\r is a CR in double quotes") { reader.string("text") }
            if text?.isEmpty ?? false { reader.report("text", "is empty; nothing would be sent") }
            return text.map { .clientSends(client: name, $0) }
        case .clientCloses:
            return .clientCloses(client: name, reader.choice("how", of: Step.Closing.self) ?? .end)
        default:
            let lines = reader.integer("lines", in: 1...100_000)
            let like = reader.string("like")
            let pattern = like.flatMap { self.pattern($0, "like", reader) }
            let end = reader.bool("end")
            let silence = reader.duration("silence", in: Self.times)
            if [lines != nil, end != nil, silence != nil].count(where: { $0 }) != 1 || end == false {
                reader.report(nil, "wants one of lines (a number), end: true, or silence (a time)")
                return nil
            }
            if let lines { return .clientExpects(client: name, .lines(lines, pattern)) }
            return .clientExpects(client: name, silence.map { .silence($0) } ?? .end)
        }
    }
}
