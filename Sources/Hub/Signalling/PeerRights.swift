/// Who a peer may be, and whom it may reach: what its token, its session or its ticket is good for.
enum PeerRights: Equatable, Sendable {
    /// A session or an admin token: any id, and everybody.
    case everything
    /// A token of a device or a base: the id of any device, and whoever is none.
    case devices
    /// The same for one device alone, or any id but a device's, to control what streams as it.
    case device(Int64)
    /// Watches that one device, or any where there is none: any id but a device's.
    case watching(Int64?)

    func mayBe(_ id: PeerID) -> Bool {
        switch self {
        case .everything: !id.isReserved || id.device != nil
        case .devices: id.device != nil
        case .device(let device): id.device == device || !id.isReserved
        case .watching: !id.isReserved
        }
    }

    /// Whether a peer with these rights may exchange messages with `other`, who must be allowed to in turn.
    func mayReach(_ other: PeerID) -> Bool {
        switch self {
        case .everything: true
        case .devices: !other.isReserved
        case .device(let device): !other.isReserved || other.device == device
        case .watching(nil): other.device != nil
        case .watching(let device?): other.device == device
        }
    }

    /// Whether a peer with these rights may start, stop and change what streams as that device.
    func mayControl(_ device: Int64) -> Bool {
        switch self {
        case .everything: true
        case .device(let own): own == device
        case .devices, .watching: false
        }
    }

    /// The one device that they are about; nil where there are several.
    var onlyDevice: Int64? {
        switch self {
        case .device(let device): device
        case .watching(let device): device
        case .everything, .devices: nil
        }
    }
}
