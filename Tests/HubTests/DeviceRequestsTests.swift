import Testing

@testable import Hub

@Suite struct DeviceRequestsTests {
    private func request(
        _ id: DeviceRequest.ID, _ result: DeviceRequest.Result, at milliseconds: Int64 = 0
    ) -> DeviceRequest {
        DeviceRequest(id: id, result: result, at: Timestamp(milliseconds: milliseconds))
    }

    @Test("of several bases' answers to one request the acknowledgement counts, in whatever order they come")
    func severalBases() async {
        for answers: [DeviceRequest.Result] in [[.refused, .acknowledged], [.acknowledged, .refused, .failed]] {
            let requests = DeviceRequests()
            let sent = await requests.begin(1, at: Timestamp(milliseconds: 5))
            for answer in answers { _ = await requests.take(request(sent.id, answer), of: 1) }
            #expect(await requests.all.map(\.request.result) == [.acknowledged])
        }
    }

    @Test("an answer to an earlier request comes too late; one of another publisher's counts")
    func lateAnswers() async {
        let requests = DeviceRequests()
        let first = await requests.begin(1, at: Timestamp(milliseconds: 5))
        let second = await requests.begin(1, at: Timestamp(milliseconds: 5))
        #expect(first.id == .integer(5) && second.id == .integer(6))
        #expect(await !requests.take(request(first.id, .superseded), of: 1))
        #expect(await requests.all.map(\.request) == [second])
        #expect(await requests.take(request(.text("theirs"), .failed), of: 1))
        #expect(await requests.all.map(\.request.id) == [.text("theirs")])
    }

    @Test("of more devices than are kept the one that is longest unchanged is forgotten")
    func limit() async {
        let requests = DeviceRequests()
        for device in 1...Int64(DeviceRequests.limit) {
            _ = await requests.take(
                request(.integer(1), .failed, at: 10 + device % 7 + (device == 3 ? -20 : 0)), of: device)
        }
        _ = await requests.take(request(.integer(1), .failed, at: 100), of: 0)
        let kept = await requests.all.map(\.device)
        #expect(kept == [0, 1, 2] + Array(4...Int64(DeviceRequests.limit)))
    }
}
