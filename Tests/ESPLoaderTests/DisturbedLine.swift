import TestSupport

@testable import ESPLoader

/// A line between a sequence and a model of the stub, in time of its own, on which frames are lost, doubled, overtaken or
/// damaged; the same seed gives the same faults. Answers keep their order, as they do on a wire.
struct DisturbedLine {
    /// How many frames of a hundred have each of the faults.
    struct Faults: Sendable {
        var lost = 0
        var doubled = 0
        var late = 0
        var damaged = 0
    }

    /// A sequence that has not ended by then never will.
    private static let mostSteps = 200_000

    private var toStub: Wire
    private var toHost: Wire

    init(seed: UInt64, _ faults: Faults) {
        toStub = Wire(faults: faults, random: SeededRandom(seed: 2 * seed))
        toHost = Wire(faults: faults, random: SeededRandom(seed: 2 * seed + 1))
    }

    /// - Returns: How the sequence has ended and when; nil where it never does.
    mutating func run<Sequence: LoaderSequence>(
        _ sequence: inout Sequence, with stub: inout ModelStub
    ) -> (outcome: Sequence.Outcome, at: Duration)? {
        var (now, wake) = (Duration.zero, Duration.zero)
        var coming: [[UInt8]] = []
        var actions = sequence.start(at: now)
        for _ in 0..<Self.mostSteps {
            for action in actions {
                switch action {
                case .send(let bytes):
                    for frame in toStub.pass(Self.frames(bytes)) { coming += toHost.pass(stub.take(frame)) }
                case .wake(let time): wake = time
                case .finished(let outcome): return (outcome, now)
                case .lines, .discardInput, .text, .progress: break
                }
            }
            if coming.isEmpty {
                now = max(now, wake)
                actions = sequence.tick(at: now)
            } else {
                now += .milliseconds(1)
                actions = sequence.receive(coming.removeFirst(), at: now)
            }
        }
        return nil
    }

    private static func frames(_ bytes: [UInt8]) -> [[UInt8]] {
        var decoder = SLIPDecoder()
        return decoder.decode(bytes).compactMap { event in
            guard case .frame(let content) = event else { return nil }
            return SLIP.encode(content)
        }
    }

    /// One direction.
    private struct Wire {
        let faults: Faults
        var random: SeededRandom
        /// A frame that the next one overtakes.
        var held: [[UInt8]] = []

        /// What comes out at the other end.
        mutating func pass(_ frames: [[UInt8]]) -> [[UInt8]] {
            var out: [[UInt8]] = []
            for frame in frames {
                let overtaken = held
                held = []
                switch Int.random(in: 0..<100, using: &random) {
                case ..<faults.lost: break
                case ..<(faults.lost + faults.doubled): out += [frame, frame]
                case ..<(faults.lost + faults.doubled + faults.late): held = [frame]
                case ..<(faults.lost + faults.doubled + faults.late + faults.damaged): out.append(damaged(frame))
                default: out.append(frame)
                }
                out += overtaken
            }
            return out
        }

        private mutating func damaged(_ frame: [UInt8]) -> [UInt8] {
            var frame = frame
            let place = Int.random(in: frame.indices, using: &random)
            frame[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            return frame
        }
    }
}
