package signing_test

// Why we disagree with what the source of a file states, by column of the table. See docs/conformance.md.
var (
	numberExplained = map[string]string{
		"BadEncodedCMS.pdf": "the source drops a signature that it cannot read; we report it, as unreadable",
	}
	integrityExplained = map[string]string{
		"Signature-C-DE_CRY-4.p7m": "the value holds over the signed attributes in the order sent, as openssl finds too; " +
			"the source sorts them first",
	}
	allowedExplained = map[string]string{
		"pades-5-signatures-and-1-document-timestamp.pdf": "the cross-reference data is damaged; the source states all " +
			"signatures invalid too and says nothing of changes",
		"pades-signed-annot-added.pdf": "annotations were added after an approval signature that allows none; the source " +
			"does not look at annotations here",
	}
	levelExplained = map[string]string{
		"Signature-P-FR_CS-5.pdf": "the certificate of the signer's issuer is not in the file, so that nothing in it can " +
			"be evidence for the signer",
		"pades-lt-extended-dss.pdf": "the source does not count the evidence of a responder that it does not trust; we " +
			"judge that with the status, not with the level",
	}
	statusExplained = map[string]string{
		"no-key-info-cert.pkcs7": "the signer's certificate, which the test trusts, has expired by the moment of judging; " +
			"the source does not look at the validity of trusted certificates",
		"hellopades-lt-b.pdf": "stated with the trusted list of Estonia, which is not here",
	}
)

// What a manifest row says that is stated of something else than this file and its signature: such rows are listed and
// not counted.
var (
	levelElsewhere = map[string]string{
		"doc-firmado-T.pdf": "the file has no security store; the test extends it before it looks at the level",
	}
	statusElsewhere = map[string]string{
		"cms-wrong-sign-cert-ref.p7m":                              "stated of the time stamp, not of the signature",
		"C-E-ERS-basic-invalid-sig.p7m":                            ofTheRecord,
		"C-E-ERS-detached-invalid.p7s":                             ofTheRecord,
		"C-E-ERS-detached-original-not-covered.p7s":                ofTheRecord,
		"C-E-ERS-detached_renewed_hashtree_invalid.p7s":            ofTheRecord,
		"C-E-ERS_renewed_hashtree_invalid.p7m":                     ofTheRecord,
		"Signature-C-LT-d233a2d9-a257-40dc-bcdb-bf4516b6d1da.p7m":  ofTheRecord,
		"Signature-C-LTA-d233a2d9-a257-40dc-bcdb-bf4516b6d1da.p7m": ofTheRecord,
		"TEST2_signed_with_zero_policy_hash.pdf":                   "stated of one building block, not of the signature",
		"pades-enveloping-other-pdf.pdf":                           "the test states that it is not TOTAL_FAILED",
	}
)

const ofTheRecord = "stated of an evidence record (RFC 4998), which is not judged here, not of the signature"
