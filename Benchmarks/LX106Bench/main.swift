import Foundation
import LX106

// Runs a program of the chip on our interpreter until it gets to a page, and says how long that took.
// usage: lx106-bench IMAGE END
// IMAGE stands in IRAM from 0x40100000 on and begins there; END is an address in the page at which it has ended.

/// No device is there.
final class NoDevices: Peripherals {
    func load(_ address: UInt32, width: AccessWidth) -> UInt32? { nil }
    func store(_ value: UInt32, at address: UInt32, width: AccessWidth) -> Bool { false }
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let end = UInt32(arguments[2], radix: 16),
    let image = FileManager.default.contents(atPath: arguments[1])
else {
    FileHandle.standardError.write(Data("usage: lx106-bench IMAGE END-IN-HEX\n".utf8))
    exit(64)
}

let devices = NoDevices()
let memory = AddressSpace(peripherals: devices)
let instructions = UnsafeMutableRawBufferPointer.allocate(byteCount: 0x1_0000, alignment: 4096)
let data = UnsafeMutableRawBufferPointer.allocate(byteCount: 0x1_8000, alignment: 4096)
for bytes in [instructions, data] { bytes.initializeMemory(as: UInt8.self, repeating: 0) }
instructions.copyBytes(from: image)
guard let code = instructions.baseAddress, let start = data.baseAddress else { exit(70) }
memory.map(0x4010_0000, count: instructions.count, to: code, [.execute, .write])
memory.map(0x3FFE_8000, count: data.count, to: start, [.narrow, .write])
memory.trap(end & ~0xFFF, count: 0x1000)

let processor = Processor(memory: memory, pc: 0x4010_0000)
let before = clock()
let stop = processor.run(for: 20_000_000_000)
let seconds = Double(clock() - before) / Double(CLOCKS_PER_SEC)
guard case .trap = stop else {
    FileHandle.standardError.write(Data("it ended with \(stop), at \(String(processor.pc, radix: 16))\n".utf8))
    exit(1)
}
print("{\"instructions\": \(processor.cycles), \"seconds\": \(seconds), \"result\": \(processor[2])}")
