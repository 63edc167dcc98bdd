import Daemon
import Foundation
import TestSupport
import Testing
import UnitProtocol

@testable import HIL

/// What a hub's refusals come to.
@Suite(.timeLimit(.minutes(5))) struct HubAnswersTests {
    private static func refusal(_ code: String) -> String { #"{"error": {"code": "\#(code)", "message": "m"}}"# }

    @Test("Of all 503 no_base alone says that no base listens, and a full disk is the bench's fault")
    func answers() throws {
        func answer(_ status: Int, _ text: String) throws -> HubAPI.Answer {
            try HubAPI.answer(status, Data(text.utf8))
        }
        #expect(try answer(202, #"{"id": 7}"#) == .sent(7))
        #expect(try answer(503, Self.refusal("no_base")) == .noBase)
        let busy = Self.refusal("busy")
        #expect(try answer(503, busy) == .busy("the hub refused the request: 503 \(busy)"))
        #expect(throws: HILError.failed("the hub refused the request: 503 <html>")) { try answer(503, "<html>") }
        #expect(throws: HILError.failed("the hub refused the request: 202 {}")) { try answer(202, "{}") }
        let full = Self.refusal("storage_full")
        #expect(throws: HILError.infrastructure("the hub refused the request: 507 \(full)")) { try answer(507, full) }
    }

    /// A stage whose hub is a program that says that it is ready, and a server that has one answer for each path.
    private func withHub(
        _ answers: [String: (status: Int, body: String)], _ body: (Stage) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let (listener, port) = try Cable.listen(Stage.loopback, 0)
            let serving = Task {
                while true {
                    let client = try await awaited {
                        let one = accept(listener, nil, nil); return one >= 0 ? one : nil
                    }
                    let file = FileHandle(fileDescriptor: client, closeOnDealloc: true)
                    let request = String(decoding: file.availableData, as: UTF8.self)
                    let (status, body) = answers.first { request.contains("\($0.key) HTTP") }?.value ?? (404, "{}")
                    try file.write(
                        contentsOf: Data(
                            "HTTP/1.1 \(status) x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                                .utf8))
                }
            }
            let iot = folder.appending(path: "iot")
            // Written by a process of its own: what this one starts meanwhile would hold the file open, and it could not be run.
            let script =
                "printf '#!/bin/sh\\necho {\\\\\"token\\\\\": \\\\\"t\\\\\"}\\n' > \(iot.path); chmod +x \(iot.path)"
            let writing = try ChildProcess(
                name: "script", executable: URL(filePath: "/bin/sh"), arguments: ["-c", script])
            #expect(await writing.waitForEnd() == "exit code 0")
            let hub = folder.appending(path: "hub.sh")
            let ready = #"{"hub": "http://127.0.0.1:\#(port)", "app": {"key": "k"}}"#
            try Data("echo '\(ready)'\nexec sleep 600\n".utf8).write(to: hub)
            let rig = try RigFile(
                yaml: "name: r\nboards: {l: {kind: lamp, driver: simulated}}\nhub: {start: [sh, \(hub.path)]}\n",
                path: "r")
            let alone = Bench.alone()
            let bench = Bench(
                journal: alone.journal, origin: alone.origin, iot: iot, state: folder, addresses: alone.addresses,
                prompt: alone.prompt)
            let stage = try await Stage(
                [GivenUnit(name: "lamp", kind: .lamp, abilities: [])],
                boards: ["lamp": RigBoard(name: "l", kind: .lamp, driver: .simulated)], rig: rig, bench: bench)
            do {
                try await body(stage)
            } catch {
                try? await stage.hub.kill()
                throw error
            }
            try await stage.hub.kill()
            #expect(await stage.end() == [])
            serving.cancel()
            _ = await serving.result
            close(listener)
        }
    }

    @Test("A hub that takes no device at its first start is the bench's fault")
    func firstStart() async throws {
        let body = Self.refusal("internal")
        try await withHub(["/api/devices": (500, body)]) { stage in
            await #expect(throws: HILError.infrastructure("the hub did not add the device lamp: 500 \(body)")) {
                try await stage.startHub()
            }
        }
    }

    @Test("A hub that is busy, until the step's time is over, is none without a base")
    func busy() async throws {
        let body = Self.refusal("busy")
        let answers = [
            "/api/devices": (201, #"{"device": {"id": 1}}"#), "/api/devices/1/requests": (503, body),
        ]
        try await withHub(answers) { stage in
            try await stage.startHub()
            for wanted in [RequestOutcome.noBase, .acknowledged] {
                await #expect(throws: HILError.failed("the hub refused the request: 503 \(body), after 2s")) {
                    try await TimeLimit.run(.seconds(2), "step") {
                        try await stage.perform(.request(unit: "lamp", payload: "red", result: wanted))
                    }
                }
            }
        }
    }
}
