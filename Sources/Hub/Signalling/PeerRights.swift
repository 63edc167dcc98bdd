/// Who a peer may be, and whom it may reach: what its token, its session or its ticket is good for.
enum PeerRights: Equatable, Sendable {
    /// A session or an admin token: any id, and everybody.
    case everything
    /// A token of a device: the id of any device, and whoever is none.
    case devices
    /// Watches that one device, or any where there is none: any id but a device's.
    case watching(Int64?)

    func mayBe(_ id: PeerID) -> Bool {
        switch self {
        case .everything: !id.isReserved || id.device != nil
        case .devices: id.device != nil
        case .watching: !id.isReserved
        }
    }

    /// Whether a peer with these rights may exchange messages with `other`, who must be allowed to in turn.
    func mayReach(_ other: PeerID) -> Bool {
        switch self {
        case .everything: true
        case .devices: !other.isReserved
        case .watching(nil): other.device != nil
        case .watching(let device?): other.device == device
        }
    }
}
