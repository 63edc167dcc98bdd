import Foundation
import TestSupport
import Testing

/// The page in headless Chromium, against the whole system.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct DashboardTests {
    @Test(
        "a person logs in, sees values live and after a reload, picks a colour, orders and edits devices, and logs out",
        .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
    func dashboard() async throws {
        try await RunningSystem.run(unitsFrom: "127.55.1.1") { system in
            let devices = try await system.devices()
            let lamp = try #require(devices.first { $0.kind == "updatable" })
            let read = try #require(devices.first { $0.name.hasPrefix("noise") })
            let shots = repositoryRoot.appending(path: "artifacts/dashboard").path
            let hub = try #require(try system.child(["hub"]))
            let base = try #require(try system.child(["base"]))
            let plan: [String: Any] = [
                "hub": system.ready.hub, "hub_process": Int(hub), "base_process": Int(base),
                "user": system.ready.admin.user, "password": system.ready.admin.password ?? "", "lamp": lamp.id,
                "read": read.id, "shots": shots,
            ]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: plan), as: UTF8.self)
            let lines = try await PythonPeer.run("dashboard.py", [text], within: .seconds(240))
            #expect(
                lines == [
                    #"{"step": "wrong_password", "result": "The user or the password is wrong."}"#,
                    #"{"step": "log_in", "result": 6}"#,
                    #"{"step": "live_value", "result": true}"#,
                    #"{"step": "base_state", "result": true}"#,
                    #"{"step": "history_after_reload", "result": true}"#,
                    #"{"step": "swatch", "result": "red"}"#,
                    #"{"step": "picked_colour", "result": true}"#,
                    #"{"step": "result_shown", "result": "arrived"}"#,
                    #"{"step": "looks", "result": [0, 0]}"#,
                    #"{"step": "result_failed", "result": [200, true, 0]}"#,
                    #"{"step": "typed_nonsense", "result": "\u201cno colour\u201d is no colour. "#
                        + #"Write a hex value such as #ffb347 or a name such as royalblue."}"#,
                    #"{"step": "typed_colour", "result": ""}"#,
                    #"{"step": "reorder_by_keyboard", "result": true}"#,
                    #"{"step": "reorder_by_mouse", "result": true}"#,
                    #"{"step": "reorder_by_touch", "result": true}"#,
                    #"{"step": "theme", "result": ["light", "dark", "light"]}"#,
                    #"{"step": "other_tab", "result": "blueviolet"}"#,
                    #"{"step": "inactive_lamp", "result": [false, "Inactive. The hub keeps no values and sends nothing."]}"#,
                    #"{"step": "create", "result": true}"#,
                    #"{"step": "rename_and_deactivate", "result": false}"#,
                    #"{"step": "delete", "result": true}"#,
                    #"{"step": "found_units", "result": [["10.99.0.3", "10.99.0.2"], 0, true, "updatable"]}"#,
                    #"{"step": "session_expired", "result": "You have been logged out. Log in again to go on."}"#,
                    #"{"step": "console_errors", "result": []}"#,
                    #"{"step": "hub_killed", "result": true}"#,
                    #"{"step": "log_out", "result": true}"#,
                ])
            try await eventually("the colours on the lamp's console") {
                let console = system.console(lamp.name)
                return ["red", "#00ff7f", "teal", "blueviolet"].allSatisfy(console.contains)
            }
        }
    }

    @Test(
        "the page's own modules pass their tests in node",
        .enabled(if: node != nil || ProcessInfo.processInfo.environment["CI"] == "true", "node is not installed"))
    func modules() async throws {
        let tests = repositoryRoot.appending(path: "Tests/PageTests")
        let files = try FileManager.default.contentsOfDirectory(atPath: tests.path).filter { $0.hasSuffix(".test.mjs") }
        #expect(files.count >= 8)
        let process = Process()
        process.executableURL = Self.node
        process.arguments = ["--test"] + files.map { tests.appending(path: $0).path }
        process.standardOutput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(process.terminationStatus == 0)
    }

    private static var node: URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { URL(filePath: String($0)).appending(path: "node") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
