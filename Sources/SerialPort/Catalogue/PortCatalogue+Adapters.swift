import Foundation

/// A USB-serial chip of a kind that boards carry, whether the kernel has made a port of it or not.
public struct AdapterDescription: Sendable, Equatable {
    /// The chip's name: `CH340`.
    public var name: String
    public var usb: PortDescription.USBDevice
    /// The driver of its first interface; `usbfs` where a program has taken it.
    public var driver: String?
    /// Whether there is a port for it.
    public var hasPort: Bool
}

extension PortCatalogue {
    /// The adapters that are plugged in.
    ///
    /// Source: sysfs, `/sys/bus/usb/devices/BUS-PORT` and its interfaces `BUS-PORT:1.0`.
    public func adapters() -> [AdapterDescription] {
        let folder = system.appending(path: "bus/usb/devices")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let withPort = Set(ports().compactMap(\.usb?.busPath))
        return names.filter { !$0.contains(":") }.sorted().compactMap { name in
            guard let usb = usbDevice(at: folder.appending(path: name).resolvingSymlinksInPath()),
                let adapter = BoardAdapter.known.first(where: {
                    $0.vendor == usb.vendor && $0.products.contains(usb.product)
                })
            else { return nil }
            let driver = try? FileManager.default.destinationOfSymbolicLink(
                atPath: folder.appending(path: "\(name):1.0").resolvingSymlinksInPath().appending(path: "driver").path)
            return AdapterDescription(
                name: adapter.chip.rawValue, usb: usb, driver: driver.map { URL(filePath: $0).lastPathComponent },
                hasPort: withPort.contains(usb.busPath))
        }
    }
}
