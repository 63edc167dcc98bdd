import Testing

@testable import ClientSim

@Suite struct SequenceProofTests {
    private func failure(_ values: [Int], of measured: Int) -> String? {
        var proof = SequenceProof(measured: measured)
        for value in values { proof.receive(value) }
        return proof.failure
    }

    @Test("loss, duplicates, a wrong order and what was never measured are told apart")
    func proof() {
        #expect(failure([0, 1, 2, 3], of: 4) == nil)
        #expect(failure([0, 1, 3], of: 5) == "2 of 5 lost (2, 4)")
        #expect(failure([0, 1, 1, 2], of: 3) == "1 came twice")
        #expect(failure([0, 2, 1], of: 3) == "1 came after a later one")
        #expect(failure([0, 1, 2, -1, 7], of: 3) == "2 were never measured")
        #expect(
            failure([1, 200, 200, 199], of: 201)
                == "198 of 201 lost (0, 2, 3, 4, 5, …); 1 came twice; 1 came after a later one")
    }

    @Test("a sink's lines are read in each notation; what is none is nil")
    func lines() {
        let expected = ReceivedLine(unit: "127.0.1.1", value: 7)
        for line in [
            "127.0.1.1 7", "127.0.1.1,7", "127.0.1.1;7", "127.0.1.1\t7", #"{"ip":"127.0.1.1","value":7}"#,
            #"{"unit":"127.0.1.1","value":"7","at":1}"#,
        ] { #expect(ReceivedLine(line) == expected, "\(line)") }
        for line in ["", "a", "a b", "a 1 2", "{}", #"{"ip":"a"}"#, #"{"ip":"a","value":"x"}"#] {
            #expect(ReceivedLine(line) == nil, "\(line)")
        }
    }
}
