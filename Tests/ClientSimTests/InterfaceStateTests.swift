import Foundation
import LiveStream
import TestSupport
import Testing

@testable import ClientSim

struct InterfaceStateTests {
    private let state: InterfaceState

    /// Started with a recording, whose file goes then.
    init() throws {
        let signal = try withTemporaryDirectory { folder in
            let file = folder.appending(path: "values.csv")
            try Data("7\n8\n".utf8).write(to: file)
            return try NamedSignal("csv:\(file.path)")
        }
        state = InterfaceState(name: "gauge", signal: signal, rate: 10, isRunning: false)
    }

    @Test("what is offered is obeyed; the answer says how it is")
    func obeys() {
        state.count(7)
        let report = state.answer(ControlRequest(isRunning: true, rate: 100, signal: "walk:20"), [])
        #expect(
            report
                == ControlReport(
                    LiveDescription(name: "gauge", signal: "walk:20", rate: 100, isRunning: true),
                    signals: ["csv:values.csv", "uniform", "walk:20", "sine:2s", "counter"], mostRate: 1000,
                    made: 7,
                    clients: []))
        #expect(state.choice.signal.signal == .randomWalk(step: 20))
    }

    @Test("a recording is read when it starts, and named without the folder that it was in")
    func recording() {
        #expect(state.description.signal == "csv:values.csv")
        _ = state.answer(ControlRequest(signal: "counter"), [])
        _ = state.answer(ControlRequest(signal: "csv:values.csv"), [])
        #expect(state.choice.signal.signal == .replay([7, 8]))
    }

    @Test("what may be chosen by name is what its name says")
    func free() throws {
        for each in NamedSignal.free { #expect(try NamedSignal(each.name).signal == each.signal) }
        let usual = InterfaceState(name: "gauge", signal: .uniform, rate: 1, isRunning: false)
        #expect(
            usual.answer(ControlRequest(), []).signals == ["uniform", "walk:20", "sine:2s", "counter"])
    }

    @Test(
        "what is not offered changes nothing: no file of this machine is read because somebody asks for it",
        arguments: [
            ControlRequest(rate: 1001), ControlRequest(rate: 0.05), ControlRequest(signal: "csv:/etc/passwd"),
            ControlRequest(signal: "sine:60s"), ControlRequest(signal: ""),
        ])
    func refuses(request: ControlRequest) {
        _ = state.answer(request, [])
        let expected = LiveDescription(name: "gauge", signal: "csv:values.csv", rate: 10, isRunning: false)
        #expect(state.description == expected)
    }

    @Test("a change wakes who makes the samples; a question does not")
    func wakes() async {
        let changes = state.changes()
        _ = state.answer(ControlRequest(), [])
        _ = state.answer(ControlRequest(isRunning: true), [])
        var waiting = changes.makeAsyncIterator()
        #expect(await waiting.next() != nil)
    }
}
