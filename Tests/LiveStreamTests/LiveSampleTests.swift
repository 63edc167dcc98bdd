import Testing

@testable import LiveStream

struct LiveSampleTests {
    @Test("a sample is 20 bytes, little-endian: sequence, time, value")
    func bytes() {
        let sample = LiveSample(sequence: 0x0102_0304, time: 1, value: -2)
        #expect(
            sample.bytes == [4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0])
    }
}
