import Yams

extension SettingsProblem {
    /// What is wrong with a text that is not YAML, on one line, with its place.
    init(_ error: YamlError) {
        switch error {
        case .duplicatedKeysInMapping(let keys, let context):
            // The context's text is the whole document.
            self.init(
                path: keys.sorted().joined(separator: ", "), line: context.mark.line,
                message: "is written twice in the map that begins here; keep one")
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { ", \($0.text) of line \($0.mark.line)" } ?? ""
            self.init(
                path: "", line: mark.line, message: "is not YAML: \(problem) at column \(mark.column)\(place)")
        case .reader(let problem, let offset, _, _):
            let place = offset.map { " at byte \($0)" } ?? ""
            self.init(path: "", message: "is not YAML: \(problem)\(place)")
        default:
            self.init(path: "", message: "is not YAML: \(error)")
        }
    }
}
