/// Why the hub could not start, or why a command on its state failed.
enum HubError: Error, Equatable, CustomStringConvertible {
    case stateDirectory(path: String, reason: String)
    case stateInUse(path: String, holder: String?)
    case credentials(path: String, reason: String)
    case database(path: String, reason: String)
    /// The disk has failed the database, whose content nothing is said against.
    case disk(database: String, reason: String)
    case cannotListen(host: String, port: Int, reason: String)
    case noState(path: String)
    case noSuchToken(id: Int64)
    case noSuchUser(name: String)
    case badRetention(String)
    case badWebhook(String)

    var description: String {
        switch self {
        case .stateDirectory(let path, let reason):
            "cannot use \(path) as the state directory: \(reason); name another one with --state"
        case .stateInUse(let path, let holder):
            "another hub\(holder.map { " (process \($0))" } ?? "") is running on \(path); stop it, or name another "
                + "directory with --state"
        case .credentials(let path, let reason):
            "cannot use the app credentials in \(path): \(reason); mend the file, or remove it to have new ones made"
        case .database(let path, let reason):
            "cannot use the database \(path): \(reason); put a backup in its place, or move it away to begin anew"
        case .disk(let path, let reason):
            "cannot use the database \(path): \(reason): the disk is full, read-only or failing; mend that and start again, "
                + "and leave the database where it is"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host), port \(port): \(reason); another program may have it (ss -ltnp shows which); "
                + "choose another with --port (0 takes a free one)"
        case .noState(let path):
            "there is no hub's state in \(path); start the hub once, or name its directory with --state"
        case .noSuchToken(let id):
            "there is no token \(id); iot hub token list shows those that exist"
        case .noSuchUser(let name):
            "there is no user \(name)"
        case .badRetention(let text):
            "--retention must be a time such as 12h or 30d, not \(text)"
        case .badWebhook(let text):
            "--webhook must be an http or https URL, not \(text)"
        }
    }
}
