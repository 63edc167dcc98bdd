import Foundation

extension PortCatalogue {
    /// The adapters that are plugged in, by their places.
    ///
    /// Source: sysfs, `/sys/bus/usb/devices/BUS-PORT` and its interfaces `BUS-PORT:CONFIGURATION.INTERFACE`.
    public func adapters() -> [AdapterDescription] {
        adapters(terminals())
    }

    func adapters(_ terminals: [Terminal]) -> [AdapterDescription] {
        let folder = system.appending(path: "bus/usb/devices")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let interfaces = Dictionary(grouping: names.filter { $0.contains(":") }) { String($0.prefix { $0 != ":" }) }
        let withTerminal = Set(terminals.compactMap(\.interface))
        return names.filter { !$0.contains(":") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
            .compactMap { name in
                let device = folder.appending(path: name).resolvingSymlinksInPath()
                guard let usb = usbDevice(at: device),
                    let adapter = BoardAdapter.known(vendor: usb.vendor, product: usb.product)
                else { return nil }
                return AdapterDescription(
                    chip: adapter.chip, usb: usb,
                    interfaces: (interfaces[name] ?? []).compactMap {
                        interface(at: folder.appending(path: $0), withTerminal)
                    }.sorted { $0.number < $1.number },
                    node: node(of: device))
            }
    }

    /// The lines that no terminal belongs to, and that a program can drive by itself.
    func lines(of adapter: AdapterDescription) -> [PortDescription] {
        guard let node = adapter.node else { return [] }
        return adapter.interfaces.filter { !$0.hasTerminal }.map { interface in
            // Who has the file open otherwise only looks at it.
            let isTaken = interface.driver == Self.programs
            return PortDescription(
                path: adapter.address(of: interface), driver: interface.driver, usb: adapter.usb,
                holders: isTaken ? PortHolder.all(of: node) : [], isPermitted: access(node, R_OK | W_OK) == 0,
                group: PortHolder.group(of: node))
        }
    }

    /// What the kernel calls the driver of an interface that a program has taken.
    private static let programs = "usbfs"
    /// All that the chips do is the vendor's own.
    private static let vendorClass = "ff"

    /// Nil where it carries no serial line.
    private func interface(at folder: URL, _ withTerminal: Set<String>) -> AdapterDescription.Interface? {
        let folder = folder.resolvingSymlinksInPath()
        guard text(folder.appending(path: "bInterfaceClass")) == Self.vendorClass,
            let number = text(folder.appending(path: "bInterfaceNumber")).flatMap({ Int($0, radix: 16) })
        else { return nil }
        let driver = try? FileManager.default.destinationOfSymbolicLink(atPath: folder.appending(path: "driver").path)
        return AdapterDescription.Interface(
            number: number, driver: driver.map { URL(filePath: $0).lastPathComponent },
            hasTerminal: withTerminal.contains(folder.lastPathComponent),
            missingFile: terminalName(below: folder).map { devices + "/" + $0 }
                .flatMap { FileManager.default.fileExists(atPath: $0) ? nil : $0 })
    }

    /// What the kernel calls the terminal of an interface: `INTERFACE/ttyUSB0/tty/ttyUSB0`.
    private func terminalName(below folder: URL) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().first {
            FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/tty/\($0)").path)
        }
    }

    /// The device's file below `/dev/bus/usb`.
    private func node(of device: URL) -> String? {
        guard let bus = text(device.appending(path: "busnum")).flatMap({ Int($0) }),
            let number = text(device.appending(path: "devnum")).flatMap({ Int($0) })
        else { return nil }
        let path = devices + String(format: "/bus/usb/%03d/%03d", bus, number)
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
