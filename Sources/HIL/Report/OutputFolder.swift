import Foundation

/// Where the results of a run go: `report.html`, `junit.xml`, `run.json`, and a folder of transcripts for each attempt.
///
/// A mark says that a run has made the folder. One with the mark is taken again, and the results in it are removed first; one that
/// has anything without the mark, or anything else beside it, is not: the names of results are not rare ones. The kernel's lock (flock) on
/// the mark keeps other runs off for as long as this value, and its copies, live.
struct OutputFolder: Sendable {
    static let report = "report.html"
    static let junit = "junit.xml"
    static let summary = "run.json"
    static let transcripts = "transcripts"
    static let mark = ".iot-hil-results"

    let url: URL
    private let hold: FolderHold

    /// - Throws: ``ReportError``.
    init(_ url: URL) throws(ReportError) {
        self.url = url
        let files = FileManager.default
        do {
            try files.createDirectory(at: url, withIntermediateDirectories: true)
            let found = try Set(files.contentsOfDirectory(atPath: url.path))
            let results = found.intersection([Self.report, Self.junit, Self.summary, Self.transcripts])
            guard found.isEmpty || found == results.union([Self.mark]) else { throw ReportError.inUse(path: url.path) }
            hold = try FolderHold(mark: url.appending(path: Self.mark), of: url)
            for name in results { try files.removeItem(at: url.appending(path: name)) }
            try files.createDirectory(at: url.appending(path: Self.transcripts), withIntermediateDirectories: false)
        } catch let error as ReportError {
            throw error
        } catch {
            throw .cannotWrite(path: url.path, reason: error.localizedDescription)
        }
    }

    /// Makes the folder for the transcripts of an attempt.
    ///
    /// - Parameters:
    ///   - number: Of the case in the run, from 0.
    ///   - attempt: From 1.
    /// - Returns: The folder, and its path in this one.
    /// - Throws: ``ReportError/cannotWrite(path:reason:)``.
    func transcriptFolder(case name: String, number: Int, attempt: Int) throws(ReportError) -> (url: URL, path: String)
    {
        let plain = String(
            name.unicodeScalars.prefix(60).map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_": Character(scalar)
                default: "_"
                }
            })
        let again = attempt > 1 ? "-attempt-\(attempt)" : ""
        let path = "\(Self.transcripts)/\(number + 1)-\(plain)\(again)"
        let folder = url.appending(path: path)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        } catch {
            throw .cannotWrite(path: folder.path, reason: error.localizedDescription)
        }
        return (folder, path)
    }

    /// Writes everything but the transcripts.
    ///
    /// - Throws: ``ReportError``.
    func write(_ run: RunResult, page: ReportPage) throws(ReportError) {
        do {
            try put(run.junit.text, in: Self.junit)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try put(String(decoding: encoder.encode(RunSummary(run)), as: UTF8.self) + "\n", in: Self.summary)
            try put(page.html(run), in: Self.report)
        } catch let error as ReportError {
            throw error
        } catch {
            throw .cannotWrite(path: url.path, reason: "\(error)")
        }
    }

    private func put(_ text: String, in name: String) throws(ReportError) {
        let file = url.appending(path: name)
        do {
            try Data(text.utf8).write(to: file, options: .atomic)
        } catch {
            throw .cannotWrite(path: file.path, reason: error.localizedDescription)
        }
    }
}
