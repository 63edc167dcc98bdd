import Foundation
import TestSupport
import Testing

/// The two live pages in headless Chromium: one that streams, or controls a program that does, two that watch; and the PyPI package peerjs-py,
/// which watches too.
@Suite(.serialized, .timeLimit(.minutes(11)), .enabled(if: PythonPeer.isExpected, PythonPeer.reason))
struct LivePagesTests {
    private func play(_ scenario: String) async throws -> [String] {
        try await withTemporaryDirectory { state in
            let plan = [
                "iot": try BuiltCommand.executable().path, "state": state.path,
                "shots": repositoryRoot.appending(path: "artifacts/live").path,
            ]
            let text = String(decoding: try JSONSerialization.data(withJSONObject: plan), as: UTF8.self)
            return try await PythonPeer.run("live_pages", [scenario, text], within: .seconds(300))
        }
    }

    @Test(
        "a page streams to two others over peer connections, to one through the hub, hears of one that is killed, and needs no hub in the end"
    )
    func pages() async throws {
        let steps = try await play("pages")
        #expect(steps == Self.pages)
    }

    @Test(
        "iot sim interface alone: a page starts and stops it without an account, two others get its values over peer connections or through its hub, and it needs no page"
    )
    func interface() async throws {
        let steps = try await play("interface")
        #expect(steps == Self.interface)
    }

    @Test(
        "iot sim interface at a hub: whoever is logged in controls it; program and hub are killed and come back, and a second program does not take its place"
    )
    func attached() async throws {
        let steps = try await play("attached")
        #expect(
            steps == [
                #"{"step": "logged_in_controls_it", "result": ["Program", "Start", true]}"#,
                #"{"step": "start", "result": "Program"}"#,
                #"{"step": "program_is_killed", "result": true}"#,
                #"{"step": "program_is_back", "result": true}"#,
                #"{"step": "hub_is_killed_and_back", "result": true}"#,
                #"{"step": "a_second_program", "result": true}"#,
                #"{"step": "wrong_token", "result": true}"#,
                #"{"step": "ends", "result": 0}"#,
            ])
    }

    private static let interface = [
        #"{"step": "links", "result": [true, true, true]}"#,
        #"{"step": "open_without_account", "result": ["Wind gauge", true, "Start", true]}"#,
        #"{"step": "remotes_connect", "result": "Wind gauge"}"#,
        #"{"step": "start", "result": true}"#,
        #"{"step": "values_come_directly", "result": [[["live", "succeeded"]], [["live", "succeeded"]]]}"#,
        #"{"step": "looks", "result": 0}"#,
        #"{"step": "other_signal", "result": "counter"}"#,
        #"{"step": "goes_on_without_its_page", "result": true}"#,
        #"{"step": "through_the_hub", "result": []}"#,
        #"{"step": "who_only_watches_controls_nothing", "result": true}"#,
        #"{"step": "one_leaves", "result": true}"#,
        #"{"step": "stop", "result": true}"#,
        #"{"step": "ends", "result": 0}"#,
        #"{"step": "console_errors", "result": [[], []]}"#,
    ]

    private static let pages = [
        #"{"step": "log_in_and_open", "result": ["Balcony light", true]}"#,
        #"{"step": "remotes_connect", "result": ["Balcony light", "#
            + #""Connected. The unit is not streaming at the moment."]}"#,
        #"{"step": "start", "result": "Stop"}"#,
        #"{"step": "values_come_directly", "result": [[["live", "succeeded"]], [["live", "succeeded"]]]}"#,
        #"{"step": "smooth", "result": true}"#,
        #"{"step": "looks", "result": [0, 0, 0]}"#,
        #"{"step": "pause_and_zoom", "result": true}"#,
        #"{"step": "export", "result": ["time,milliseconds,sequence,value", true, true, true]}"#,
        #"{"step": "other_rate_and_signal", "result": true}"#,
        #"{"step": "through_the_hub", "result": [true, [], 0, false]}"#,
        #"{"step": "stock_client", "result": [true, true]}"#,
        #"{"step": "stop", "result": "Start"}"#,
        #"{"step": "one_is_killed", "result": true}"#,
        #"{"step": "from_the_dashboard", "result": ["Balcony light", true, true, "#
            + #""Something else streams as this unit already: another page, or a program. Stop that one first.", "#
            + #""There is no such unit. Go back to the dashboard and choose one."]}"#,
        #"{"step": "bad_link", "result": "The hub does not let this page in: its link has run out or was not copied in "#
            + #"full, or you are logged out. Ask for a new link, or log in again."}"#,
        #"{"step": "hub_is_gone", "result": ["live", "direct"]}"#,
        #"{"step": "console_errors", "result": [[], []]}"#,
    ]
}
