#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many descriptors this process may open.
enum DescriptorLimit {
    /// For event loops, files and standard streams.
    private static let reserve = 256

    /// Raises the soft limit as far as a fleet needs: a listener and a connection for each unit.
    ///
    /// - Throws: ``FleetError/tooManyUnits(count:descriptors:)``.
    static func raise(for units: Int) throws {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let wanted = rlim_t(2 * units + reserve)
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        guard limit.rlim_cur == wanted, setrlimit(resource, &limit) == 0 else {
            throw FleetError.tooManyUnits(count: units, descriptors: Int(clamping: limit.rlim_max))
        }
    }
}
