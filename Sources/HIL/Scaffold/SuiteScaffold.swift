import Foundation

/// The beginning of a suite: one that runs on simulated units as it is, with what a person changes first.
struct SuiteScaffold {
    let name: SuiteName

    /// - Parameter path: Where it is to stand.
    func text(at path: String) -> String {
        """
        # All steps and abilities stand in docs/hil.md. What is wrong with this file, and what a rig would skip of it:
        #   iot hil check \(path) --rig hil/rigs/sim.yaml
        name: \(Self.quoted(name.text))
        description: A sensor is read, and a lamp takes the colours that it is sent.

        # Which units it takes, by their names in here, and what they must be able to do. A rig that has none like that skips it.
        given:
          sensor: {kind: read, abilities: [network]}
          lamp: {kind: lamp, abilities: [network, lamp-readback]}

        # Each value is a case of its own; ${colour} stands for it.
        matrix:
          colour: [red, "#0000ff"]

        # The longest that a case may take.
        limit: 1m

        # One after the other. Each has a time limit (within, 10s where none is said), and the first that fails ends the case.
        steps:
          - start: hub
          - start: base
          - hub expects: {unit: sensor, count: 3}
          - request: {unit: lamp, colour: "${colour}"}
          - lamp shows: {unit: lamp, colour: "${colour}"}
            within: 2s

        """
    }

    /// Writes it into the folder, which is made where it is missing.
    ///
    /// - Returns: The path.
    /// - Throws: ``ScaffoldError``. A file that is there stays as it is.
    func write(in folder: String) throws(ScaffoldError) -> String {
        let path = URL(filePath: folder).appending(path: "\(name.text).yaml").relativePath
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(text(at: path).utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw .exists(path: path)
        } catch {
            throw .cannotWrite(path: path, reason: error.localizedDescription)
        }
        return path
    }

    /// In quotes where YAML would take the name for something else than a text.
    private static func quoted(_ name: String) -> String {
        name.first?.isLetter == true
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(name.lowercased())
            ? name : "\"\(name)\""
    }
}
