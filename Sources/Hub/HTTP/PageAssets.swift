import Crypto
import Foundation

/// The dashboard's files, read once at the start.
struct PageAssets: Sendable {
    struct Asset: Sendable {
        let bytes: [UInt8]
        let contentType: String
        /// Changes with the bytes.
        let eTag: String

        init(bytes: [UInt8], name: String) {
            self.bytes = bytes
            contentType = PageAssets.contentType(of: name)
            eTag = "\"\(Array(SHA256.hash(data: bytes).prefix(16)).hex)\""
        }
    }

    /// Where the chart library is served; Debian's package has the file.
    static let chartPath = "/vendor/chart.js"
    static let systemChart = URL(filePath: "/usr/share/javascript/chart.js/chart.js")

    /// By the path under which they are served: `/index.html`, `/js/app.js`.
    private(set) var files: [String: Asset] = [:]

    var hasChart: Bool { files[Self.chartPath] != nil }

    /// Reads the files in `resources/Pages`, and the chart library from `resources/vendor/chart.js` or, where there is
    /// none, from `systemChart`.
    ///
    /// - Throws: ``PageAssetsError/missing(path:)`` when there is no page.
    init(resources: URL, systemChart: URL = PageAssets.systemChart) throws {
        let pages = resources.appending(path: "Pages")
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: pages.path)) ?? []
        for name in names {
            guard let bytes = Self.regularFile(pages.appending(path: name)) else { continue }
            files["/\(name)"] = Asset(bytes: bytes, name: name)
        }
        guard files["/index.html"] != nil else { throw PageAssetsError.missing(path: pages.path) }
        let charts = [resources.appending(path: "vendor/chart.js"), systemChart]
        if let bytes = charts.lazy.compactMap(Self.regularFile).first {
            files[Self.chartPath] = Asset(bytes: bytes, name: "chart.js")
        }
    }

    private static func regularFile(_ url: URL) -> [UInt8]? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), !isDirectory.boolValue,
            let data = try? Data(contentsOf: url)
        else { return nil }
        return Array(data)
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json": "application/json; charset=utf-8"
        case "webmanifest": "application/manifest+json; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}

/// Why the dashboard cannot be served.
enum PageAssetsError: Error, Equatable, CustomStringConvertible {
    case missing(path: String)

    var description: String {
        switch self {
        case .missing(let path):
            "the dashboard's pages are not in \(path); they belong beside the executable, as make install puts them"
        }
    }
}
