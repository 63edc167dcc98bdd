/// Packets that begin with `q` and `Q`, and what `monitor` sends by `qRcmd`.
///
/// There is no description of the registers (`qXfer:features:read`): debuggers for Xtensa bring their own.
extension DebugSession {
    mutating func query(_ content: [UInt8], _ processor: Processor) -> Outcome {
        let text = String(decoding: content, as: UTF8.self)
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch parts[0] {
        case "qSupported":
            let features = parts.dropFirst().first?.split(separator: ";") ?? []
            (knowsSoftware, knowsHardware) = (features.contains("swbreak+"), features.contains("hwbreak+"))
            return Outcome(
                "PacketSize=\(String(RemotePacket.longestContent, radix: 16));QStartNoAckMode+;vContSupported+;"
                    + "swbreak+;hwbreak+")
        case "QStartNoAckMode": return .done
        case "qAttached": return Outcome("1")
        case "qC": return Outcome("QC01")
        case "qfThreadInfo": return Outcome("m01")
        case "qsThreadInfo": return Outcome("l")
        default:
            let command = "qRcmd,"
            guard text.hasPrefix(command) else { return .unknown }
            guard let bytes = HexText.bytes(content.dropFirst(command.utf8.count)) else { return .invalid }
            return monitor(String(decoding: bytes, as: UTF8.self), processor)
        }
    }

    private func monitor(_ command: String, _ processor: Processor) -> Outcome {
        switch command {
        case "reset": Self.said("reset\n", [.reset])
        case "cycles": Self.said("\(processor.cycles) cycles\n")
        case "help":
            Self.said(
                """
                reset   resets the chip; the CPU stays halted
                cycles  how many cycles the CPU has counted since it was started

                """)
        default: Self.said("there is no such command; monitor help lists those that there are\n")
        }
    }

    private static func said(_ text: String, _ actions: [Action] = []) -> Outcome {
        Outcome(HexText.of(text.utf8), actions)
    }
}
