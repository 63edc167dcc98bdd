import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension FleetError {
    /// What went wrong when a unit was to listen.
    init(error: any Error, plan: UnitPlan) {
        let (unit, address, port) = (plan.name, plan.address, plan.port)
        self =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: .addressInUse(unit: unit, address: address, port: port)
            case EADDRNOTAVAIL: .addressNotHere(unit: unit, address: address, port: port)
            default: .cannotListen(unit: unit, address: address, port: port, reason: "\(error)")
            }
    }
}
