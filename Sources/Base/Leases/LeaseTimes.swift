/// The moments of one lease, on the clock of ``BootClock``, counted from the moment at which its grant or its latest
/// renewal was sent: etcd has counted from a later one.
struct LeaseTimes: Equatable, Sendable {
    /// When etcd may give the units to others at the earliest.
    let end: Duration
    /// When everything is dropped unless the lease was renewed until then.
    let drop: Duration
    /// When the kernel ends this process unless everything was dropped until then. Before the end, because closing many
    /// sockets takes time, and clocks do not run alike.
    let kill: Duration

    init(sent: Duration, ttl: Duration) {
        end = sent + ttl
        drop = sent + ttl * 4 / 5
        kill = sent + ttl * 9 / 10
    }
}
