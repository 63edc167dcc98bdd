import Hummingbird

/// The dashboard's files, and the pages of one device. Each has a route of its own, so no path can lead anywhere else.
struct PageRoutes {
    let assets: PageAssets

    func add(to table: inout RouteTable) {
        for (path, asset) in assets.files {
            table.on(.get, path) { request, _ in Self.serve(asset, to: request) }
        }
        if let index = assets.files["/index.html"] {
            table.on(.get, "/") { request, _ in Self.serve(index, to: request) }
        }
        // What the number is the page finds out; so a link says the same whether the device exists or not.
        if let page = assets.files["/interface.html"] {
            table.on(.get, "/interface/{unit}") { request, _ in Self.serve(page, to: request) }
        }
        if let page = assets.files["/remote.html"] {
            table.on(.get, "/remote/{unit}") { request, _ in Self.serve(page, to: request) }
        }
    }

    /// `no-cache`: a browser may keep a file, and asks each time whether it is still the same.
    private static func serve(_ asset: PageAssets.Asset, to request: Request) -> Response {
        let headers: HTTPFields = [.eTag: asset.eTag, .cacheControl: "no-cache", .contentType: asset.contentType]
        let known = request.headers[values: .ifNoneMatch].joined(separator: ",").split(separator: ",")
        if known.contains(where: { $0.drop { $0 == " " }.hasSuffix(asset.eTag) || $0 == "*" }) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
