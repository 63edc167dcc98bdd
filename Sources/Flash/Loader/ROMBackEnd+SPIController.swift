import ESPLoader

/// Commands to the flash through the registers of the chip's SPI controller.
extension ROMBackEnd {
    func flash(_ command: SPICommand) throws(FlashError) -> [UInt8] {
        if ownPhases == nil { ownPhases = try phases() }
        for register in command.setup where registers[register.address] != register.value {
            try set(register, isChecked: command.changesFlash)
        }
        try writeRegister(SPICommand.start.address, SPICommand.start.value, mask: .max)
        var words: [UInt32] = []
        for address in command.inputRegisters {
            registers[address] = nil
            words.append(try readRegister(address))
        }
        return command.input(words)
    }

    func answer(_ command: SPICommand, to what: String) throws(FlashError) -> [UInt8] {
        try link.twice(what) { () throws(FlashError) in
            // What stands in the registers may have been changed on its way too.
            registers = [:]
            return try flash(command)
        }
    }

    /// The wire carries no checksum for registers: where a wrong one would erase the wrong place, it is read back.
    private func set(_ register: SPICommand.Register, isChecked: Bool) throws(FlashError) {
        for _ in 0..<LoaderLink.tries {
            try writeRegister(register.address, register.value, mask: .max)
            let kept = isChecked ? try readRegister(register.address) : register.value
            if kept == register.value {
                registers[register.address] = register.value
                return
            }
        }
        throw .unanswered(port: link.port.name, what: "keep the register \(Hex.text(register.address))")
    }

    private func phases() throws(FlashError) -> [SPICommand.Register] {
        var found: [SPICommand.Register] = []
        for address in SPICommand.phases {
            found.append(SPICommand.Register(address, try link.register(address)))
        }
        return found
    }

    /// Puts back what the ROM had in the controller before it, or a program, is to use it.
    func giveControllerBack() throws(FlashError) {
        guard let phases = ownPhases else { return }
        for register in phases { try set(register, isChecked: true) }
        ownPhases = nil
    }
}
