/// The routines for the registers behind the internal bus.
///
/// Source of their arguments (block, host, register, then highest and lowest bit, then the value): the macros around them in
/// the Arduino core's `esp8266_peri.h`.
extension ROM {
    static let analogRegisters: [Entry] = [
        (0x4000_7268, "rom_i2c_readReg", { .returns(UInt32($0.analog.read($0.analogPlace))) }),
        (
            0x4000_729C, "rom_i2c_readReg_Mask",
            { machine in
                let bits = machine.analogBits
                return .returns((UInt32(machine.analog.read(machine.analogPlace)) & bits.mask) >> bits.shift)
            }
        ),
        (
            0x4000_72D8, "rom_i2c_writeReg",
            { machine in
                machine.writeAnalog(UInt8(truncatingIfNeeded: machine.processor[5]))
                return .returns(nil)
            }
        ),
        (
            0x4000_730C, "rom_i2c_writeReg_Mask",
            { machine in
                let bits = machine.analogBits
                let others = UInt32(machine.analog.read(machine.analogPlace)) & ~bits.mask
                machine.writeAnalog(UInt8(others | machine.processor[7] << bits.shift & bits.mask))
                return .returns(nil)
            }
        ),
    ]
}

extension Machine {
    fileprivate var analogPlace: AnalogRegisters.Place {
        func byte(_ register: Int) -> UInt8 { UInt8(truncatingIfNeeded: processor[register]) }
        return AnalogRegisters.Place(block: byte(2), host: byte(3), register: byte(4))
    }

    /// The bits from the lowest to the highest one that are asked for.
    fileprivate var analogBits: (mask: UInt32, shift: UInt32) {
        let (high, low) = (processor[5] & 7, processor[6] & 7)
        return (high < low ? 0 : (UInt32(2) << high) &- (UInt32(1) << low), low)
    }

    fileprivate func writeAnalog(_ value: UInt8) {
        analog.write(value, to: analogPlace)
        setClocks()
        processor.pause()
    }
}
