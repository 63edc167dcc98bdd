import Crypto
import Files
import Foundation

/// A run as one HTML file that asks nobody for anything: style, script and data are in it.
///
/// Its policy (Content-Security-Policy) names the style and the script by their digests, so that no text of a board becomes
/// either, whatever it holds.
struct ReportPage {
    /// In the order in which they are run.
    private static let scripts = [
        "model.js", "timeline.js", "timeline-drawing.js", "entry-list.js", "case-view.js", "run-view.js", "page.js",
    ]

    private let style: String
    private let script: String

    /// - Parameter resources: The folder of this target's resources.
    /// - Throws: ``ReportError/noPage(path:reason:)``.
    init(resources: URL = ResourceFolder.ofTarget("HIL")) throws(ReportError) {
        let folder = resources.appending(path: "Page")
        style = try Self.text(folder.appending(path: "report.css"))
        var parts = ["'use strict';"]
        for name in Self.scripts { parts.append(try Self.text(folder.appending(path: name))) }
        script = parts.joined(separator: "\n")
    }

    /// The whole file.
    func html(_ run: RunResult) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Without a < the data can end no element and begin no comment.
        let data = String(decoding: try encoder.encode(ReportData(run)), as: UTF8.self)
            .replacing("<", with: "\\u003c")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '\(Self.digest(style))'; \
            script-src '\(Self.digest(script))'; base-uri 'none'; form-action 'none'">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Run</title>
            <style>\(style)</style>
            </head>
            <body>
            <main><noscript>This report draws itself with JavaScript; junit.xml and the transcripts beside it say the same.\
            </noscript></main>
            <script type="application/json" id="run">\(data)</script>
            <script>\(script)</script>
            </body>
            </html>

            """
    }

    private static func text(_ file: URL) throws(ReportError) -> String {
        do {
            return try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw .noPage(path: file.path, reason: error.localizedDescription)
        }
    }

    /// As a policy names it.
    private static func digest(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
