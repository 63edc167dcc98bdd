import Foundation

/// The files of suites that a person names, with those of folders.
enum SuiteFinder {
    /// Files as they are; of a folder all `*.yaml` and `*.yml` in it, by name, and in folders below.
    ///
    /// - Throws: ``HILError/infrastructure(_:)`` where nothing has the name, or a folder has no suite.
    static func files(_ names: [String]) throws -> [String] {
        var files: [String] = []
        for name in names {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) else {
                throw HILError.infrastructure("\(name): there is no such file or folder")
            }
            guard isFolder.boolValue else {
                files.append(name)
                continue
            }
            let found = (FileManager.default.enumerator(atPath: name)?.allObjects as? [String] ?? [])
                .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
            guard !found.isEmpty else { throw HILError.infrastructure("\(name): there is no suite (*.yaml) in it") }
            files += found.map { name.hasSuffix("/") ? name + $0 : "\(name)/\($0)" }
        }
        return files
    }
}
