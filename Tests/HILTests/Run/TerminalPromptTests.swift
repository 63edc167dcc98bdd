import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import HIL

@Suite(.timeLimit(.minutes(5))) struct TerminalPromptTests {
    /// Notes what a person is asked, and whether that was answered.
    private final class Asked: ProgressFollower {
        let said = Mutex<[String]>([])
        var showsQuestions: Bool { true }

        func on(_ progress: RunProgress) {
            switch progress {
            case .asks(let text): said.withLock { $0.append(text) }
            case .answered(let inTime): said.withLock { $0.append("answered: \(inTime)") }
            default: break
            }
        }
    }

    private func withTerminal(_ body: (_ keys: Int32, _ terminal: Int32) async throws -> Void) async throws {
        var (keys, terminal): (Int32, Int32) = (-1, -1)
        #expect(openpty(&keys, &terminal, nil, nil, nil) == 0)
        defer { for one in [keys, terminal] { close(one) } }
        try await body(keys, terminal)
    }

    private func waiting(_ terminal: Int32) -> Int32 {
        var count: Int32 = 0
        #expect(ioctl(terminal, UInt(FIONREAD), &count) == 0)
        return count
    }

    @Test("An Enter that was pressed before the question does not answer it")
    func early() async throws {
        try await withTerminal { keys, terminal in
            let asked = Asked()
            let prompt = TerminalPrompt(follower: asked, input: terminal, output: terminal)
            #expect(write(keys, "early\n", 6) == 6)
            try await eventually("the early line is there", within: .seconds(60)) { waiting(terminal) == 6 }
            let answer = Task { try await prompt.ask("plug it in") }
            try await eventually("the question", within: .seconds(60)) { asked.said.withLock { !$0.isEmpty } }
            #expect(write(keys, "now\n", 4) == 4)
            try await answer.value
            // The line of now has answered: none is left for the next question.
            #expect(waiting(terminal) == 0)
            #expect(asked.said.withLock(\.self) == ["Please plug it in, then press Enter. ", "answered: true"])
        }
    }

    @Test("Where the terminal's input ends nobody has done anything")
    func ended() async throws {
        try await withTerminal { keys, terminal in
            let asked = Asked()
            let prompt = TerminalPrompt(follower: asked, input: terminal, output: terminal)
            let answer = Task { try await prompt.ask("plug it in") }
            try await eventually("the question", within: .seconds(60)) { asked.said.withLock { !$0.isEmpty } }
            #expect(write(keys, "\u{4}", 1) == 1)
            await #expect(
                throws: HILError.infrastructure(
                    "somebody has to plug it in, and nobody is there: the terminal's input is at its end")
            ) { try await answer.value }
            #expect(asked.said.withLock(\.last) == "answered: false")
        }
    }
}
