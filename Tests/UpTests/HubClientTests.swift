import Hummingbird
import TestSupport
import Testing
import UnitProtocol

@testable import Up

@Suite(.timeLimit(.minutes(5)))
struct HubClientTests {
    @Test(
        "a token is known when the hub takes it or says what it may not, unknown when the hub says so",
        arguments: [(HTTPResponse.Status.ok, true), (.forbidden, true), (.unauthorized, false)])
    func token(status: HTTPResponse.Status, isKnown: Bool) async throws {
        try await FakeHub.run(["GET /api/devices": [.init(status: status)]]) { hub, client in
            let answer = try await client.isTokenKnown()
            #expect(answer == isKnown)
            #expect(hub.requests == ["GET /api/devices Bearer t "])
        }
    }

    @Test("a hub that has trouble says nothing of a token")
    func tokenUnclear() async throws {
        try await FakeHub.run(["GET /api/devices": [.init(status: .serviceUnavailable, body: "later")]]) { _, client in
            await #expect(throws: UpError.hubRefused("check a token", status: 503, body: "later")) {
                try await client.isTokenKnown()
            }
        }
    }

    @Test("units that are missing are added, those of another kind replaced, and all else stays as the user has it")
    func devices() async throws {
        let known = """
            {"devices": [
                {"id": 1, "address": "127.0.1.1", "kind": "read", "name": "renamed"},
                {"id": 2, "address": "127.0.1.2", "kind": "updatable", "name": "lamp-1"},
                {"id": 3, "address": "10.0.0.1", "kind": "updatable", "name": "the user's own"}
            ]}
            """
        let units = try [("a-1", 1, .read), ("b-1", 2, .read), ("lamp-1", 3, .updatable)].map {
            (name, number, kind: SystemPlan.Unit.Kind) in
            SystemPlan.Unit(name: name, address: try IPv4Address("127.0.1.\(number)"), kind: kind)
        }
        let answers: [String: [FakeHub.Answer]] = [
            "GET /api/devices": [.init(body: known)], "DELETE /api/devices/2": [.init(status: .noContent, body: "")],
            "POST /api/devices": [.init(status: .created)],
        ]
        try await FakeHub.run(answers) { hub, client in
            try await client.provideDevices(for: units)
            #expect(
                hub.requests == [
                    "GET /api/devices Bearer t ", "DELETE /api/devices/2 Bearer t ",
                    #"POST /api/devices Bearer t {"address":"127.0.1.2","kind":"read","name":"b-1"}"#,
                    #"POST /api/devices Bearer t {"address":"127.0.1.3","kind":"updatable","name":"lamp-1"}"#,
                ])
        }
    }

    @Test("a password that is taken leaves no session behind")
    func login() async throws {
        let answers: [String: [FakeHub.Answer]] = [
            "POST /api/login": [.init(headers: [.setCookie: "iot_session=s; Path=/; HttpOnly"])],
            "POST /api/logout": [.init(status: .noContent, body: "")],
        ]
        try await FakeHub.run(answers) { hub, client in
            let answer = try await client.tryLogin(user: "admin", password: "pw")
            #expect(answer == .taken)
            #expect(hub.requests.map { $0.prefix(16) } == ["POST /api/login ", "POST /api/logout"])
            #expect(hub.requests.last == "POST /api/logout iot_session=s {}")
        }
    }

    @Test(
        "only a hub that says so has refused a password",
        arguments: [
            (HTTPResponse.Status.unauthorized, HubClient.LoginAnswer.refused), (.tooManyRequests, .unknown),
            (.serviceUnavailable, .unknown),
        ])
    func loginRefused(status: HTTPResponse.Status, answer: HubClient.LoginAnswer) async throws {
        try await FakeHub.run(["POST /api/login": [.init(status: status)]]) { _, client in
            let given = try await client.tryLogin(user: "admin", password: "pw")
            #expect(given == answer)
        }
    }

    @Test("the base is waited for until it listens")
    func base() async throws {
        let answers = [false, false, true].map { FakeHub.Answer(body: #"{"connected": \#($0), "since": null}"#) }
        try await FakeHub.run(["GET /api/base": answers]) { hub, client in
            try await client.waitForBase(within: .seconds(60), every: .milliseconds(1))
            #expect(hub.requests == Array(repeating: "GET /api/base Bearer t ", count: 3))
        }
    }

    @Test("a base that never listens is an error")
    func noBase() async throws {
        try await FakeHub.run(["GET /api/base": [.init(body: #"{"connected": false}"#)]]) { _, client in
            await #expect(throws: UpError.baseDoesNotListen(.milliseconds(200))) {
                try await client.waitForBase(within: .milliseconds(200))
            }
        }
    }
}
