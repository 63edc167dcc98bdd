import ArgumentParser

/// `iot flash`: what is done with a board in its loader.
public struct FlashCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "flash",
        abstract: "Write, read and inspect the flash of ESP8266 boards.",
        discussion: """
            Examples:
              iot flash id
              iot flash id --port usb:1a86:7523
              iot flash write 0x0 firmware.bin
              iot flash write --port /dev/ttyUSB0 --port /dev/ttyUSB1 0x0 firmware.bin
              iot flash read 0x0 4m backup.bin

            Exit codes: \(ExitStatus.table)
            """,
        subcommands: [
            FlashWriteCommand.self, FlashReadCommand.self, FlashVerifyCommand.self, FlashEraseCommand.self,
            FlashEraseRegionCommand.self, FlashIDCommand.self, FlashRegisterCommand.self, FlashRunCommand.self,
            FlashLoadCommand.self, FlashStatusCommand.self,
        ])

    public init() {}
}
