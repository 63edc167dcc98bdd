/// A way to restart a chip, as data: hosts play it, virtual boards are tested with it.
public struct ResetSequence: Sendable, Equatable {
    public let name: String
    public let steps: [ResetStep]

    public init(name: String, steps: [ResetStep]) {
        self.name = name
        self.steps = steps
    }

    /// Into the loader, both lines changed together.
    public static func tight(release: Duration) -> ResetSequence {
        ResetSequence(
            name: "tight",
            steps: [
                .lines(dtr: false, rts: false), .lines(dtr: true, rts: true), .lines(dtr: false, rts: true),
                .pause(.milliseconds(100)), .lines(dtr: true, rts: false), .pause(release),
                .lines(dtr: false, rts: false),
            ])
    }

    /// Into the loader, for adapters that set one line at a time.
    public static func classic(release: Duration) -> ResetSequence {
        ResetSequence(
            name: "classic",
            steps: [
                .dtr(false), .rts(true), .pause(.milliseconds(100)), .dtr(true), .rts(false), .pause(release),
                .dtr(false),
            ])
    }

    /// Into what is in the flash.
    public static let hard = ResetSequence(
        name: "hard", steps: [.dtr(false), .rts(true), .pause(.milliseconds(100)), .rts(false)])

    /// One after the other until a loader answers: with a short and a long time before GPIO0 is let go.
    public static let intoLoader: [ResetSequence] = [
        .tight(release: .milliseconds(50)), .tight(release: .milliseconds(550)),
        .classic(release: .milliseconds(50)), .classic(release: .milliseconds(550)),
    ]
}
