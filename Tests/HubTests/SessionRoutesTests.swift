import Foundation
import GRDB
import NIOHTTP1
import TestSupport
import Testing

/// Logging in, and what a session's cookie is good for.
@Suite(.timeLimit(.minutes(5)))
struct SessionRoutesTests {
    private func logIn(_ hub: RunningHub, _ password: String?, headers: [String: String] = [:]) async throws -> (
        answer: String, cookie: String?
    ) {
        let json = #"{"user":"admin","password":"\#(password ?? "")"}"#
        let (response, body) = try await hub.send(.POST, "/api/login", json: json, headers: headers)
        return ("\(response.status.code) \(body)", response.headers.first(name: "Set-Cookie"))
    }

    private func value(_ cookie: String?) -> String {
        String(cookie?.split(separator: ";").first ?? "")
    }

    @Test("A login gives a cookie that scripts cannot read and other sites cannot send; logging out ends it")
    func session() async throws {
        try await RunningHub.run { hub in
            let (answer, cookie) = try await logIn(hub, hub.password)
            #expect(answer == #"200 {"user":"admin"}"#)
            #expect(
                cookie?.replacing(/ios_1_[-_A-Za-z0-9]{43}/, with: "SECRET").split(separator: "; ").sorted()
                    == ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Strict", "iot_session=SECRET"])
            let own = ["Cookie": value(cookie)]
            let session = try await hub.call(.GET, "/api/session", headers: own)
            #expect(session.contains(#""channel":"private-dashboard""#) && session.hasPrefix("200 "))
            #expect(session.contains(#""user":"admin""#))
            #expect(
                try await hub.call(
                    .POST, "/api/devices", json: #"{"name":"a","kind":"read","address":"10.0.0.1"}"#, headers: own
                ).hasPrefix("201 "))
            #expect(try await hub.call(.POST, "/api/logout", json: "{}", headers: own) == "204 ")
            #expect(try await hub.call(.GET, "/api/devices", headers: own).hasPrefix("401 "))
        }
    }

    @Test("With the cookie alone, nothing changes for a request that another site could have made")
    func crossSite() async throws {
        try await RunningHub.run { hub in
            let cookie = value(try await logIn(hub, hub.password).cookie)
            let json = #"{"name":"a","kind":"read","address":"10.0.0.1"}"#
            let foreign: [[String: String]] = [
                ["Content-Type": "text/plain", "Origin": "http://elsewhere.example"],
                ["Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site"],
                ["Origin": "http://elsewhere.example"], ["Origin": "null"], ["Sec-Fetch-Site": "cross-site"],
                ["Sec-Fetch-Site": "same-site"],
            ]
            for headers in foreign {
                let answer = try await hub.call(
                    .POST, "/api/devices", json: json, headers: headers.merging(["Cookie": cookie]) { one, _ in one })
                #expect(answer.hasPrefix(#"403 {"error":{"code":"cross_site""#), "\(headers)")
            }
            #expect(
                try await logIn(hub, hub.password, headers: ["Origin": "http://elsewhere.example"]).answer
                    .hasPrefix("403 "))
            #expect(try await hub.call(.GET, "/api/devices", headers: ["Cookie": cookie]) == #"200 {"devices":[]}"#)
            let notJSON =
                #"415 {"error":{"code":"not_json","message":"This must say that its body is JSON: send "#
                + #"Content-Type: application/json."}}"#
            for type in ["text/plain", "application/x-www-form-urlencoded", ""] {
                let headers = ["Content-Type": type, "Cookie": cookie]
                #expect(try await hub.call(.POST, "/api/devices", json: json, headers: headers) == notJSON)
                #expect(
                    try await logIn(hub, hub.password, headers: ["Content-Type": type]).answer == notJSON)
            }
            #expect(try await hub.call(.GET, "/api/devices", headers: ["Cookie": cookie]) == #"200 {"devices":[]}"#)
            let same = ["Cookie": cookie, "Origin": hub.url, "Sec-Fetch-Site": "same-origin"]
            #expect(try await hub.call(.POST, "/api/devices", json: json, headers: same).hasPrefix("201 "))
        }
    }

    @Test("Guessing is slowed down: of many attempts at once most are turned away, with the time to wait")
    func throttling() async throws {
        try await RunningHub.run { hub in
            let answers = try await withThrowingTaskGroup(of: (UInt, String, String?).self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        let (response, body) = try await hub.send(
                            .POST, "/api/login", json: #"{"user":"admin","password":"wrong"}"#)
                        return (response.status.code, body, response.headers.first(name: "Retry-After"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let refused = answers.filter { $0.0 == 401 }
            let throttled = answers.filter { $0.0 == 429 }
            #expect(refused.count >= 5 && throttled.count >= 5 && refused.count + throttled.count == 30)
            #expect(throttled.allSatisfy { $0.1.contains(#""code":"too_many_logins""#) })
            #expect(throttled.allSatisfy { (1...10).contains(Int($0.2 ?? "") ?? 0) })
            #expect(
                refused.first?.1
                    == #"{"error":{"code":"bad_credentials","message":"The user or the password is wrong; iot hub user password sets a new one."}}"#
            )
        }
    }

    @Test("Passwords, tokens and sessions are kept as hashes only")
    func atRest() async throws {
        try await withTemporaryDirectory { state in
            let (password, secrets) = try await RunningHub.run(state: state) { hub in
                let cookie = value(try await logIn(hub, hub.password).cookie)
                return (hub.password ?? "", [try await hub.token("admin"), String(cookie.split(separator: "=")[1])])
            }
            #expect(password.utf8.count == 20)
            var files = Data()
            for name in try FileManager.default.contentsOfDirectory(atPath: state.path) {
                files += (try? Data(contentsOf: state.appending(path: name))) ?? Data()
            }
            for secret in secrets + [password] {
                let parts = secret.split(separator: "_", maxSplits: 2)
                let random = ["iot", "ios"].contains(parts[0]) ? String(parts[2]) : secret
                #expect(files.range(of: Data(random.utf8)) == nil)
                let standard = random.replacing("-", with: "+").replacing("_", with: "/") + "="
                if let raw = Data(base64Encoded: standard) { #expect(files.range(of: raw) == nil) }
            }
            let database = try DatabaseQueue(path: state.appending(path: "hub.sqlite").path)
            let hash = try await database.read { try String.fetchOne($0, sql: "SELECT password_hash FROM users") }
            #expect(hash?.hasPrefix("$scrypt$") == true)
            let rights = try FileManager.default.attributesOfItem(atPath: state.appending(path: "hub.sqlite").path)
            #expect((rights[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }

    @Test("A new password ends the sessions and replaces the old one; an unknown user is an error")
    func newPassword() async throws {
        try await RunningHub.run { hub in
            let cookie = value(try await logIn(hub, hub.password).cookie)
            let printed = try await hub.command(["user", "password"])
            struct Made: Decodable { let user, password: String }
            let made = try JSONDecoder().decode(Made.self, from: Data((printed.first ?? "").utf8))
            #expect(made.user == "admin" && made.password != hub.password)
            #expect(try await hub.call(.GET, "/api/devices", headers: ["Cookie": cookie]).hasPrefix("401 "))
            #expect(try await logIn(hub, hub.password).answer.hasPrefix("401 "))
            #expect(try await logIn(hub, made.password).answer.hasPrefix("200 "))
            #expect(
                try await hub.command(["user", "password", "--user", "nobody"]) == ["Error: there is no user nobody"])
        }
    }
}
