import Channels
import Testing

@Suite struct ChannelsMessageTests {
    private let limits = JSONLimits(maximumBytes: 1000)

    @Test("a frame is read whole, and data means the same as an object and as JSON in a string")
    func frames() {
        let object = #"{"event":"e","channel":"c","data":{"a":1},"user_id":"u"}"#
        let string = #"{"event":"e","channel":"c","data":"{\"a\":1}","user_id":"u"}"#
        let message = ChannelsMessage(event: "e", channel: "c", data: ["a": 1], userID: "u")
        #expect(ChannelsMessage.parse(object, limits: limits) == .message(message))
        guard case .message(let folded) = ChannelsMessage.parse(string, limits: limits) else {
            Issue.record("not read")
            return
        }
        #expect(folded.data == #"{"a":1}"# && folded.payload == message.payload)
        #expect(message.text == #"{"channel":"c","data":{"a":1},"event":"e","user_id":"u"}"#)
        #expect(ChannelsMessage(event: "e", data: "plain").payload == "plain")
        #expect(
            ChannelsMessage.parse(#"{"event":"e","data":null,"channel":null,"user_id":7,"more":1}"#, limits: limits)
                == .message(ChannelsMessage(event: "e", userID: "7")))
    }

    @Test(
        "what is no frame is malformed, and says why",
        arguments: [
            ("", "not JSON"), ("{", "not JSON"), ("[]", "not a JSON object"), ("{}", "no event name"),
            (#"{"event":""}"#, "no event name"), (#"{"event":7}"#, "no event name"),
            (#"{"event":"e","channel":1}"#, "the channel is not a string"),
            (#"{"event":"e","user_id":[]}"#, "the user id is not a string"),
            (#"{"event":"\#(String(repeating: "e", count: 201))"}"#, "event name too long"),
            (
                #"{"event":"e","data":\#(String(repeating: "[", count: 33))\#(String(repeating: "]", count: 33))}"#,
                "JSON nested deeper than 32 levels"
            ),
            (String(repeating: " ", count: 1001), "1001 bytes of JSON, at most 1000 are taken"),
        ])
    func malformed(text: String, reason: String) {
        #expect(ChannelsMessage.parse(text, limits: limits) == .malformed(reason: reason))
    }

    @Test("no prefix of a frame is taken for a frame")
    func prefixes() {
        let text = #"{"event":"e","channel":"c","data":"{\"a\":[1,2,{\"b\":null}]}"}"#
        for length in 0..<text.count {
            #expect(
                ChannelsMessage.parse(String(text.prefix(length)), limits: limits) == .malformed(reason: "not JSON"))
        }
    }
}
