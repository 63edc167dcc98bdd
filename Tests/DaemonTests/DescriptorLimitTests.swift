import Daemon
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DescriptorLimitTests {
    private func limit() -> rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }

    @Test("what is there already is not lowered, and no more is promised than the hard limit has")
    func raise() {
        let before = limit()
        #expect(DescriptorLimit.raise(for: 1) == Int(before.rlim_cur) - DescriptorLimit.reserve)
        #expect(limit().rlim_cur == before.rlim_cur)
        let hard = Int(clamping: before.rlim_max)
        #expect(DescriptorLimit.raise(for: 1 << 30) == hard - DescriptorLimit.reserve)
        #expect(limit().rlim_cur == before.rlim_max)
    }
}
