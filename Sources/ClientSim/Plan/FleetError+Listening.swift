import Glibc

extension FleetError {
    /// What went wrong when a unit was to listen.
    init(errno: Int32, plan: UnitPlan) {
        let (unit, address, port) = (plan.name, plan.address, plan.port)
        self =
            switch errno {
            case EADDRINUSE: .addressInUse(unit: unit, address: address, port: port)
            case EADDRNOTAVAIL: .addressNotHere(unit: unit, address: address, port: port)
            default:
                .cannotListen(unit: unit, address: address, port: port, reason: String(cString: strerror(errno)))
            }
    }
}
