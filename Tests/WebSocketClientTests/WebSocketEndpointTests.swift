import Testing

@testable import WebSocketClient

struct WebSocketEndpointTests {
    @Test("the Host header has a port where it is not the usual one, and brackets around an IPv6 address")
    func host() {
        func host(_ host: String, _ port: Int, isSecure: Bool = false) -> String? {
            WebSocketEndpoint(host: host, port: port, secure: isSecure ? { @Sendable _ in } : nil).requestHeaders[
                "Host"
            ].first
        }
        #expect(host("hub.lan", 80) == "hub.lan")
        #expect(host("hub.lan", 443) == "hub.lan:443")
        #expect(host("hub.lan", 443, isSecure: true) == "hub.lan")
        #expect(host("::1", 8080) == "[::1]:8080")
    }

    @Test("headers that are asked for go along")
    func headers() {
        let endpoint = WebSocketEndpoint(host: "h", port: 80, headers: [("Authorization", "Bearer t")])
        #expect(endpoint.requestHeaders["Authorization"] == ["Bearer t"])
    }
}
