// A peer for tests to talk to: does what lines of JSON on stdin say, and tells on stdout what happens, one JSON object a line.
//
// usage: PeerProbe [--host ADDRESS] [--address ADDRESS] [--loss PERCENT --seed N] [--max-message BYTES] [--limit NAME=N]...
//
// stdin:  {"do": "answer", "id": ID, "sdp": OFFER}            -> {"event": "answer", "id", "sdp"} or {"event": "error", "id", "text"}
//         {"do": "offer", "id": ID, "channels": [CHANNEL]}    -> {"event": "offer", "id", "sdp"}
//         {"do": "accept", "id": ID, "sdp": ANSWER}   {"do": "candidate", "id": ID, "candidate": TEXT}
//         {"do": "open", "id": ID, "channel": CHANNEL}
//         {"do": "send", "id": ID, "label": L, "text": T | "count": N, "size": B}   numbered messages of B bytes
//         {"do": "close-channel", "id": ID, "label": L}   {"do": "close", "id": ID}
//         {"do": "statistics"}                                -> {"event": "statistics", ...}
//         {"do": "stream", "rate": N, "seconds": N}           the time, on all channels that begin with "timed" -> {"event": "streamed", ...}
//         {"do": "ages"}                                      -> {"event": "ages", "count", "median", "tail"} in us, since the last one
// CHANNEL: {"label", "ordered", "retransmissions", "lifetime", "protocol", "negotiated", "policy"}
// events: state, channel, channel-state, message (unless the label begins with "quiet"). A message on a channel whose label begins with
// "echo" is sent back as it is; on "count" it is only counted, and {"event": "counted", "label", "count", "bytes", "sum"} answers the text "end".

import Foundation
import PeerLink

let output = ProbeOutput()
do {
    let options = try ProbeOptions(Array(CommandLine.arguments.dropFirst()))
    let probe = try await Probe(options, output)
    output.say(["event": "ready", "port": Int(probe.host.local.port)])
    while let line = readLine() { await probe.perform(line) }
    await probe.host.close()
} catch {
    output.say(["event": "error", "text": "\(error)"])
    exit(1)
}
