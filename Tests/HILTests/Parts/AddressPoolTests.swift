import Testing

@testable import HIL

@Suite struct AddressPoolTests {
    @Test("Two runs that have the same number, each in a container of its own, do not begin at the same address")
    func seeds() throws {
        #expect(try AddressPool().take() != AddressPool().take())
    }

    @Test("Where somebody has taken an address since it was looked at another one is tried, five in all")
    func taken() throws {
        let pool = AddressPool(seed: 1000)
        var tried = 0
        let address = try pool.listening { address in
            tried += 1
            guard tried == 3 else { throw HILError.infrastructure("\(address) is taken") }
            return address
        }
        #expect(tried == 3)
        #expect(try pool.take() > address)
        tried = 0
        #expect(throws: HILError.infrastructure("all are taken")) {
            try pool.listening { _ in
                tried += 1
                throw HILError.infrastructure("all are taken")
            }
        }
        #expect(tried == 5)
    }
}
