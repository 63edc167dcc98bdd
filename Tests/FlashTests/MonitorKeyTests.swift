import Testing

@testable import Flash

/// What keys mean.
struct MonitorKeyTests {
    private func actions(_ pieces: [[UInt8]], _ ending: LineEnding = .lf) -> [KeyMenu.Action] {
        var menu = KeyMenu(lineEnding: ending)
        return pieces.flatMap { menu.take($0) }
    }

    /// What goes to the board in several writes when it is typed in pieces.
    private func joined(_ actions: [KeyMenu.Action]) -> [KeyMenu.Action] {
        actions.reduce(into: []) { actions, action in
            if case .send(let more) = action, case .send(let before)? = actions.last {
                actions[actions.count - 1] = .send(before + more)
            } else {
                actions.append(action)
            }
        }
    }

    @Test("keys go to the board in one write, Enter as it was chosen", arguments: LineEnding.allCases)
    func plain(ending: LineEnding) {
        #expect(
            actions([Array("hi\r".utf8) + [0x03, 0x1B, 0xC3]], ending) == [
                .send(Array("hi".utf8) + ending.bytes + [3, 0x1B, 0xC3])
            ])
    }

    @Test("Ctrl-] quits; behind Ctrl-T it and Ctrl-T go to the board")
    func special() {
        #expect(actions([[0x1D]]) == [.quit])
        #expect(actions([[0x14, 0x1D, 0x14, 0x14]]) == [.menu, .send([0x1D]), .menu, .send([0x14])])
    }

    @Test("every key of the menu does one thing, and the next goes to the board again")
    func menu() {
        let expected: [(Character, KeyMenu.Action)] = [
            ("r", .reset), ("b", .bootloader), ("f", .flashAgain), ("t", .toggleTimestamps), ("x", .toggleHex),
            ("e", .toggleEcho), ("q", .quit), ("s", .askFile), ("z", .unknown(0x7A)),
        ]
        for (key, action) in expected {
            #expect(actions([[0x14], Array(String(key).utf8)]) == [.menu, action])
        }
        #expect(actions([[0x14, 0x72, 0x72]]) == [.menu, .reset, .send([0x72])])
    }

    @Test("the menu fits a terminal of 80 columns")
    func width() {
        #expect(KeyMenu.help.allSatisfy { (MonitorView.mark + $0).count < 80 })
    }

    @Test("a file's name can be typed, mended and given up")
    func fileName() {
        let typed: [KeyMenu.Action] = [
            .menu, .askFile, .fileName("a"), .fileName("aé"), .fileName("a"), .fileName("ab"), .sendFile("ab"),
            .send([0x63]),
        ]
        let found = actions([[0x14, 0x73], Array("aé".utf8), [0x7F, 0x62, 0x0D, 0x63]])
        #expect(found.filter { $0 != .fileName("a\u{FFFD}") } == typed)
        #expect(
            actions([[0x14, 0x73, 0x61, 0x15, 0x0D]]) == [.menu, .askFile, .fileName("a"), .fileName(""), .cancelled])
        #expect(actions([[0x14, 0x73, 0x1B, 0x61]]) == [.menu, .askFile, .cancelled, .send([0x61])])
        #expect(actions([[0x14, 0x73, 0x1D]]) == [.menu, .askFile, .quit])
    }

    @Test("what is typed means the same in any pieces")
    func cuts() {
        let bytes: [UInt8] =
            Array("ab\r".utf8) + [0x14, 0x72, 0x14, 0x73] + Array("f\r".utf8) + [0x14, 0x14, 0x63, 0x1D]
        let whole = actions([bytes])
        for cut in 0...bytes.count {
            #expect(joined(actions([Array(bytes[..<cut]), Array(bytes[cut...])])) == whole)
        }
    }
}
