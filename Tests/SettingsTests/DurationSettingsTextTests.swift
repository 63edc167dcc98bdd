import Settings
import Testing

@Suite struct DurationSettingsTextTests {
    @Test(
        "text and back",
        arguments: [
            ("250ms", Duration.milliseconds(250), "250ms"),
            ("1s", .seconds(1), "1s"),
            ("1.5s", .milliseconds(1500), "1500ms"),
            ("60s", .seconds(60), "1m"),
            ("2h", .seconds(7200), "2h"),
            ("30d", .seconds(30 * 86_400), "30d"),
            ("0s", .zero, "0ms"),
        ])
    func textAndBack(text: String, duration: Duration, canonical: String) {
        #expect(Duration(settingsText: text) == duration)
        #expect(duration.settingsText == canonical)
    }

    @Test(
        "anything else is no duration",
        arguments: ["", "s", "1", "1 s", "-1s", "1x", "one second", "1.2.3s", "٣s", "9999999999s"])
    func anythingElseIsNoDuration(text: String) {
        #expect(Duration(settingsText: text) == nil)
    }
}
