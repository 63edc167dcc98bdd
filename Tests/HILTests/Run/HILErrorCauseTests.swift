import Testing

@testable import HIL

@Suite struct HILErrorCauseTests {
    private let wrong = HILError.failed("it is red")
    private let noPort = HILError.infrastructure("no port")
    private let ended = HILError.failed("the base ended by itself (exit code 1)")
    private let gone = HILError.infrastructure("lamp's readback has ended")

    @Test("A judgement stands whatever is gone, and what is gone is told")
    func judgement() {
        #expect(HILError.cause(wrong, isJudgement: true, []) == wrong)
        #expect(
            HILError.cause(wrong, isJudgement: true, [gone]) == .failed("it is red; lamp's readback has ended"))
        #expect(
            HILError.cause(wrong, isJudgement: true, [gone, ended])
                == .failed("the base ended by itself (exit code 1); it is red; lamp's readback has ended"))
    }

    @Test("What was waited for in vain may be missing since something was lost")
    func inVain() {
        #expect(HILError.cause(wrong, isJudgement: false, []) == wrong)
        #expect(
            HILError.cause(wrong, isJudgement: false, [gone])
                == .infrastructure("lamp's readback has ended; it is red"))
        #expect(
            HILError.cause(wrong, isJudgement: false, [gone, ended])
                == .failed("the base ended by itself (exit code 1); it is red; lamp's readback has ended"))
    }

    @Test("A part that ended by itself has failed, though something is lost as well")
    func losses() {
        #expect(HILError.cause(noPort, isJudgement: true, []) == noPort)
        #expect(
            HILError.cause(noPort, isJudgement: true, [gone]) == .infrastructure("no port; lamp's readback has ended"))
        #expect(
            HILError.cause(noPort, isJudgement: true, [ended])
                == .failed("the base ended by itself (exit code 1); no port"))
        #expect(HILError.cause(nil, isJudgement: false, []) == nil)
        #expect(HILError.cause(nil, isJudgement: false, [gone]) == gone)
        #expect(
            HILError.cause(nil, isJudgement: false, [gone, ended])
                == .failed("the base ended by itself (exit code 1); lamp's readback has ended"))
    }

    @Test("What the error says already is not told twice")
    func once() {
        let own = HILError.failed("in round 2: it is red; lamp's readback has ended")
        #expect(HILError.cause(own, isJudgement: true, [gone]) == own)
    }
}
