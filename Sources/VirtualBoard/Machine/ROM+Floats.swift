/// Arithmetic of floating point numbers, which the CPU has no instructions for.
extension ROM {
    static let floats: [Entry] = [
        (0x4000_C180, "__addsf3", { $0.returns($0.single(2) + $0.single(3)) }),
        (0x4000_C268, "__subsf3", { $0.returns($0.single(2) - $0.single(3)) }),
        (0x4000_C3DC, "__mulsf3", { $0.returns($0.single(2) * $0.single(3)) }),
        (0x4000_C538, "__adddf3", { $0.returns($0.double(2) + $0.double(4)) }),
        (0x4000_C688, "__subdf3", { $0.returns($0.double(2) - $0.double(4)) }),
        (0x4000_C8F0, "__muldf3", { $0.returns($0.double(2) * $0.double(4)) }),
        (0x4000_CB94, "__divdf3", { $0.returns($0.double(2) / $0.double(4)) }),
        (0x4000_C4C4, "__fixunssfsi", { .returns(unsigned(Double($0.single(2)))) }),
        (0x4000_CD00, "__fixunsdfsi", { .returns(unsigned($0.double(2))) }),
        (
            0x4000_CCB8, "__fixdfsi",
            { machine in
                let value = machine.double(2)
                let bounded = value.isNaN ? 0 : max(Double(Int32.min), min(Double(Int32.max), value))
                return .returns(UInt32(bitPattern: Int32(bounded)))
            }
        ),
        (0x4000_CD5C, "__truncdfsf2", { $0.returns(Float($0.double(2))) }),
        (0x4000_CDFC, "__extendsfdf2", { $0.returns(Double($0.single(2))) }),
        (0x4000_E2A4, "__floatunsisf", { $0.returns(Float($0.processor[2])) }),
        (0x4000_E2AC, "__floatsisf", { $0.returns(Float($0.signed(2))) }),
        (0x4000_E2E8, "__floatunsidf", { $0.returns(Double($0.processor[2])) }),
        (0x4000_E2F0, "__floatsidf", { $0.returns(Double($0.signed(2))) }),
    ]

    private static func unsigned(_ value: Double) -> UInt32 {
        value.isNaN ? 0 : UInt32(max(0, min(Double(UInt32.max), value)))
    }
}

extension Machine {
    /// About what one operation takes in software.
    private static let floatCycles = 60

    fileprivate func single(_ register: Int) -> Float { Float(bitPattern: processor[register]) }
    fileprivate func double(_ register: Int) -> Double { Double(bitPattern: wide(register)) }

    fileprivate func returns(_ value: Float) -> ROM.Outcome {
        processor.spend(cycles: Self.floatCycles)
        return .returns(value.bitPattern)
    }

    fileprivate func returns(_ value: Double) -> ROM.Outcome {
        processor.spend(cycles: Self.floatCycles)
        return returnsWide(value.bitPattern)
    }
}
