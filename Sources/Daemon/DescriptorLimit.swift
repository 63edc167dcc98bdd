import Glibc

/// How many descriptors this process may open.
///
/// It must never run out of them: Dispatch, on which Swift runs, traps when it cannot open a file of its own.
public enum DescriptorLimit {
    /// For event loops, files, standard streams and what libraries open for a moment.
    public static let reserve = 256

    /// How many this process may open now: the soft limit.
    public static var current: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the soft limit to `wanted` and ``reserve``, or as far as the hard limit allows.
    ///
    /// - Returns: How many descriptors there are beside the reserve; fewer than `wanted` where the hard limit is lower.
    public static func raise(for wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        let needed = rlim_t(wanted + reserve)
        if limit.rlim_cur < needed {
            var raised = limit
            raised.rlim_cur = min(needed, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return max(0, Int(clamping: limit.rlim_cur) - reserve)
    }
}
