import Settings

/// The axes along which a suite is run again and again: each combination of their values is a case.
struct Matrix: Equatable, Sendable {
    /// One value: what names it, and the variables that it gives.
    struct Value: Equatable, Sendable {
        var name: String
        var variables: [String: String]
    }

    struct Axis: Equatable, Sendable {
        var name: String
        var values: [Value]
    }

    /// One combination: the names of its values by axis, in order, and all their variables.
    struct Point: Equatable, Sendable {
        var names: [(axis: String, value: String)]
        var variables: [String: String]

        static func == (left: Point, right: Point) -> Bool {
            left.variables == right.variables && left.names.map(\.axis) == right.names.map(\.axis)
                && left.names.map(\.value) == right.names.map(\.value)
        }

        /// ` [terminator=CRLF, colour=red]`; nothing without axes.
        var label: String {
            names.isEmpty ? "" : " [" + names.map { "\($0.axis)=\($0.value)" }.joined(separator: ", ") + "]"
        }
    }

    static let mostPoints = 1000

    var axes: [Axis]

    init(axes: [Axis] = []) {
        self.axes = axes
    }

    /// How many combinations there are.
    var count: Int {
        axes.reduce(1) { count, axis in
            let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
            return overflow ? .max : product
        }
    }

    /// All combinations; the last axis changes fastest.
    var points: [Point] {
        axes.reduce([Point(names: [], variables: [:])]) { points, axis in
            points.flatMap { point in
                axis.values.map { value in
                    Point(
                        names: point.names + [(axis.name, value.name)],
                        variables: point.variables.merging(value.variables) { $1 })
                }
            }
        }
    }

    /// Reads the map of axes: a list of texts each, or of maps with `name`, whose keys are `${axis.key}`.
    init(reading reader: SettingsReader, entries: [SettingsEntry]) {
        axes = entries.compactMap { entry in
            guard let elements = reader.list(entry.key, maximumCount: Self.mostPoints) else { return nil }
            guard Variables.isName(entry.key) else {
                reader.report(entry.key, "is no name of a variable: letters, digits, - and _")
                return nil
            }
            if elements.isEmpty { reader.report(entry.key, "is empty; give at least one value") }
            return Axis(name: entry.key, values: elements.compactMap { Self.value($0, of: entry.key) })
        }
        if count > Self.mostPoints {
            reader.report(nil, "has \(count) combinations; at most \(Self.mostPoints) are run")
            axes = []
        }
    }

    private static func value(_ element: SettingsElement, of axis: String) -> Value? {
        if let text = Variables.text(element.node) { return Value(name: text, variables: [axis: text]) }
        guard case .map(let entries) = element.node else {
            element.report("must be a text, a number or a map with a name, not \(element.node.kind)")
            return nil
        }
        var variables: [String: String] = [:]
        for entry in entries {
            guard let text = Variables.text(entry.value) else {
                element.report("\(entry.key) must be a text or a number, not \(entry.value.kind)")
                continue
            }
            variables["\(axis).\(entry.key)"] = text
        }
        guard let name = variables["\(axis).name"] else {
            element.report("has no name; a value that is a map has one, for the case's name")
            return nil
        }
        variables[axis] = name
        return Value(name: name, variables: variables)
    }
}
