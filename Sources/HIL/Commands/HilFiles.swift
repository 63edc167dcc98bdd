import ArgumentParser
import Foundation
import Settings

/// The suites that a command is given.
struct HilFiles: ParsableArguments {
    @Argument(help: "Suites: files, or folders with *.yaml.", completion: .file(extensions: ["yaml", "yml"]))
    var suites: [String]

    @Option(
        help: "A variable's value, name=value, before the rig's and the suite's; of a matrix only this value is run.")
    var set: [String] = []

    @Option(help: "Only cases whose names are like this: * stands for any text, ? for a character.")
    var only: [String] = []

    func validate() throws { _ = try values() }

    private func values() throws -> [String: String] {
        try set.reduce(into: [:]) { values, text in
            guard let equals = text.firstIndex(of: "="), Variables.isName(String(text[..<equals])) else {
                throw ValidationError("--set takes name=value, not \"\(text)\"")
            }
            values[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
    }

    /// Files that are wrong: each problem on a line, as `file:line: path: message`.
    struct Wrong: Error {
        static let exitCode: Int32 = 78
        var lines: [String]

        func tell() {
            FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
        }
    }

    /// Reads all, and looks for the least problem in any.
    ///
    /// - Throws: ``Wrong`` with all that is wrong in all files.
    func read(rig path: String) throws -> (RigFile, [SuiteCase]) {
        var wrong: [String] = []
        let rig = Self.collecting(&wrong) { try RigFile(path: path) }
        let cases = try self.cases(rig, &wrong)
        guard wrong.isEmpty, let rig else { throw Wrong(lines: wrong) }
        return (rig, cases)
    }

    /// - Throws: ``Wrong``.
    func read() throws -> [SuiteCase] {
        var wrong: [String] = []
        let cases = try self.cases(nil, &wrong)
        guard wrong.isEmpty else { throw Wrong(lines: wrong) }
        return cases
    }

    private func cases(_ rig: RigFile?, _ wrong: inout [String]) throws -> [SuiteCase] {
        let paths: [String]
        do {
            paths = try SuiteFinder.files(suites)
        } catch {
            wrong.append("\(error)")
            return []
        }
        let values = try values()
        let steps = Set(CustomSteps.byName.keys)
        let read = paths.compactMap { path in
            Self.collecting(&wrong) {
                try SuiteFile(path: path, set: values, rig: rig?.variables ?? [:], customSteps: steps)
            }
        }
        let names = Dictionary(grouping: read, by: \.name).filter { $0.value.count > 1 }
        for (name, files) in names.sorted(by: { $0.key < $1.key }) {
            wrong.append(
                "\(files[1].path): name: is \"\(name)\", and so is that of \(files[0].path); name one otherwise")
        }
        let all = read.flatMap(\.cases)
        let known = all.reduce(into: Set<String>()) { $0.formUnion($1.variables.keys) }
        for name in values.keys.sorted() where !known.contains(name) && wrong.isEmpty {
            wrong.append(
                "--set \(name)=…: no suite has a variable \(name); there are: \(known.sorted().joined(separator: ", "))"
            )
        }
        let cases = all.filter { one in only.isEmpty || only.contains { Glob.matches($0, one.name) } }
        if cases.isEmpty, !all.isEmpty {
            wrong.append("--only \(only.joined(separator: ", ")): no case has such a name")
        }
        return cases
    }

    private static func collecting<Value>(_ wrong: inout [String], _ read: () throws -> Value) -> Value? {
        do {
            return try read()
        } catch let error as SettingsError {
            wrong += error.problems.map { problem in
                let place = (error.file ?? "") + (problem.line.map { ":\($0)" } ?? "")
                return "\(place): \(problem.path.isEmpty ? "" : problem.path + ": ")\(problem.message)"
            }
        } catch {
            wrong.append("\(error)")
        }
        return nil
    }
}
