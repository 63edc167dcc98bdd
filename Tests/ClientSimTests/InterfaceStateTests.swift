import LiveStream
import Testing

@testable import ClientSim

struct InterfaceStateTests {
    private let state = InterfaceState(name: "gauge", signal: "csv:/etc/values.csv", rate: 10, isRunning: false)

    @Test("what is offered is obeyed; the answer says how it is")
    func obeys() {
        state.count(7)
        let report = state.answer(ControlRequest(isRunning: true, rate: 100, signal: "walk:20"), [])
        #expect(
            report
                == ControlReport(
                    LiveDescription(name: "gauge", signal: "walk:20", rate: 100, isRunning: true),
                    signals: ["csv:/etc/values.csv", "uniform", "walk:20", "sine:2s", "counter"], mostRate: 1000,
                    made: 7,
                    clients: []))
        #expect(state.choice == (true, 100, "walk:20"))
    }

    @Test(
        "what is not offered changes nothing: no file of this machine is read because somebody asks for it",
        arguments: [
            ControlRequest(rate: 1001), ControlRequest(rate: 0.05), ControlRequest(signal: "csv:/etc/passwd"),
            ControlRequest(signal: "sine:60s"), ControlRequest(signal: ""),
        ])
    func refuses(request: ControlRequest) {
        _ = state.answer(request, [])
        #expect(state.choice == (false, 10, "csv:/etc/values.csv"))
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
