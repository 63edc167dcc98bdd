import Foundation
import Synchronization
import Testing
import UnitProtocol

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct FlashCallTests {
    private func wrong(_ status: String, _ outcome: FlashOrder.Outcome, powerHasFailed: Bool = false) -> HILError? {
        let order = FlashOrder(unit: "b", image: "i", outcome: outcome)
        return FlashCall(order: order, unit: "b", bench: .alone()).wrong(
            ProgramEnd(status: status), powerHasFailed: powerHasFailed)
    }

    @Test("What has nothing to do with board or flash, or is a crash, is never the outcome that is wanted")
    func outcomes() {
        for outcome in FlashOrder.Outcome.allCases {
            #expect(wrong("exit code 64", outcome)?.isInfrastructure == true)
            #expect(wrong("exit code 6", outcome, powerHasFailed: true)?.isInfrastructure == true)
            #expect(wrong("exit code 2", outcome)?.isInfrastructure == true)
            #expect(wrong("signal 11", outcome)?.isInfrastructure == false)
        }
        #expect(wrong("exit code 2", .either, powerHasFailed: true) == nil)
        #expect(wrong("exit code 5", .either) == nil)
        #expect(wrong("exit code 0", .either) == nil)
        #expect(wrong("exit code 0", .success) == nil)
        #expect(wrong("exit code 5", .failure) == nil)
        #expect(wrong("exit code 5", .success) == .failed("iot flash write ended with exit code 5"))
        #expect(wrong("exit code 0", .failure) == .failed("iot flash write has succeeded, and should not"))
    }

    @Test("The progress of a write, and nothing else, says what is written")
    func progress() {
        #expect(FlashCall.written(#"{"done":4096,"event":"progress","phase":"write","port":"p","total":8192}"#) == 4096)
        #expect(FlashCall.written(#"{"done":4096,"event":"progress","phase":"verify","port":"p","total":8192}"#) == nil)
        #expect(FlashCall.written(#"{"done":8192,"event":"ended","phase":"write","port":"p","seconds":1}"#) == nil)
        #expect(FlashCall.written("Error: no port") == nil)
    }

    /// What a switch was told, in order.
    private final class Switch: Sendable {
        private let told = Mutex<[String]>([])

        var all: [String] { told.withLock(\.self) }

        func tell(_ what: String) { told.withLock { $0.append(what) } }
    }

    @Test("Power that fails while something is written comes again, and the end is told")
    func brownOut() async throws {
        let power = Switch()
        let end = try await BrownOut(gap: .milliseconds(10)).during {
            try await awaited { power.all.contains("off") ? () : nil }
            return ProgramEnd(status: "exit code 5")
        } moment: {
        } off: {
            power.tell("off")
        } on: {
            power.tell("on")
        }
        #expect(end.status == "exit code 5")
        #expect(power.all == ["off", "on"])
    }

    @Test("Work that is over before the power fails, or that succeeds while a switch is at work, proves nothing")
    func tooLate() async throws {
        let power = Switch()
        await #expect(throws: HILError.self) {
            try await BrownOut(gap: .zero).during {
                ProgramEnd(status: "exit code 1")
            } moment: {
                try await Task.sleep(for: .seconds(600))
            } off: {
                power.tell("off")
            } on: {
                power.tell("on")
            }
        }
        #expect(power.all == [])
        do {
            _ = try await BrownOut(gap: .zero).during {
                try await awaited { power.all.contains("off begins") ? () : nil }
                return ProgramEnd(status: "exit code 0")
            } moment: {
            } off: {
                power.tell("off begins")
                try await Task.sleep(for: .seconds(600))
            } on: {
                power.tell("on")
            }
            Issue.record("it is to throw")
        } catch let error as HILError {
            #expect(error.isInfrastructure)
            #expect(
                error.description.hasPrefix("the power did not fail in time: before it the work was over (exit code 0)")
            )
        }
        #expect(power.all == ["off begins", "on"])
    }

    @Test("A step whose time is over leaves nothing that switches later, and the power on")
    func overtime() async throws {
        let power = Switch()
        await #expect(throws: HILError.self) {
            try await TimeLimit.run(.milliseconds(200), "flash") {
                _ = try await BrownOut(gap: .seconds(600)).during {
                    try await Task.sleep(for: .seconds(600))
                    return ProgramEnd(status: "exit code 0")
                } moment: {
                } off: {
                    power.tell("off")
                } on: {
                    power.tell("on")
                }
            }
        }
        #expect(power.all == ["off", "on"])
    }
}
