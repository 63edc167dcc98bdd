import Testing

@testable import ClientSim

struct SampleMakerTests {
    @Test("samples come at a steady rate, however late somebody asks")
    func steady() {
        var maker = SampleMaker(.counter, rate: 4, seed: 1, from: .seconds(10))
        #expect(maker.take(by: .seconds(9)).isEmpty)
        let first = maker.take(by: .milliseconds(10_600))
        #expect(first.map(\.moment) == [10_000, 10_250, 10_500].map(Duration.milliseconds))
        #expect(first.map(\.value) == [0, 1, 2])
        #expect(maker.due == .milliseconds(10_750))
        #expect(maker.take(by: .milliseconds(10_749)).isEmpty)
        #expect(maker.take(by: .milliseconds(10_750)).map(\.value) == [3])
    }

    @Test("after a pause of more than a second nothing is made up for")
    func pause() {
        var maker = SampleMaker(.counter, rate: 1000, seed: 1, from: .zero)
        #expect(maker.take(by: .milliseconds(999)).count == 1000)
        #expect(maker.take(by: .seconds(3)).map(\.moment) == [.seconds(3)])
    }

    @Test("the same seed gives the same values")
    func seed() {
        func values(_ seed: UInt64) -> [Int] {
            var maker = SampleMaker(.uniform, rate: 100, seed: seed, from: .zero)
            return maker.take(by: .milliseconds(500)).map(\.value)
        }
        #expect(values(7) == values(7) && values(7) != values(8) && values(7).count == 51)
    }
}
