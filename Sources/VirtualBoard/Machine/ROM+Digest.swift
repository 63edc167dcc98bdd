import Crypto

/// An MD5 that is being made; the ROM keeps it in the program's memory, here it stands beside it by its address.
typealias Digest = Insecure.MD5

extension ROM {
    static let digest: [Entry] = [
        (
            0x4000_9818, "MD5Init",
            { machine in
                // A program has one or two; what it forgets must not pile up.
                if machine.digests.count > 16 { machine.digests = [:] }
                machine.digests[machine.processor[2]] = Digest()
                return .returns(nil)
            }
        ),
        (
            0x4000_9834, "MD5Update",
            { machine in
                let (context, place, count) = (machine.processor[2], machine.processor[3], machine.processor[4])
                guard let bytes = machine.memory.read(place, Int(count)) else {
                    return machine.refuse(reading: [place], count: Int(count))
                }
                machine.digests[context]?.update(data: bytes)
                machine.processor.spend(cycles: Int(count) * digestByteCycles)
                return .returns(nil)
            }
        ),
        (
            0x4000_9900, "MD5Final",
            { machine in
                guard let digest = machine.digests.removeValue(forKey: machine.processor[3]) else {
                    return .returns(nil)
                }
                let place = machine.processor[2]
                return machine.memory.write(Array(digest.finalize()), at: place)
                    ? .returns(nil) : machine.refuse(writing: place, count: Digest.byteCount)
            }
        ),
    ]

    /// About what MD5 costs in C on a CPU of this kind: 64 steps of some ten instructions for 64 bytes.
    private static let digestByteCycles = 12
}
