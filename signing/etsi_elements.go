package signing

import "encoding/xml"

// The elements of a validation report, in the order that the schema demands (ETSI TS 119 102-2 V1.2.1, Annex B). Names
// of other namespaces are written with the prefixes that the root declares.

type etsiReport struct {
	XMLName    xml.Name       `xml:"ValidationReport"`
	Namespace  string         `xml:"xmlns,attr"`
	DSig       string         `xml:"xmlns:ds,attr"`
	XAdES      string         `xml:"xmlns:xades,attr"`
	TSL        string         `xml:"xmlns:tsl,attr"`
	Signatures []etsiSigned   `xml:"SignatureValidationReport"`
	Objects    []etsiObject   `xml:"SignatureValidationObjects>ValidationObject"`
	Validator  *etsiValidator `xml:"SignatureValidator"`
}

type etsiSigned struct {
	Identifier  *etsiIdentifier  `xml:"SignatureIdentifier"`
	Constraints *etsiConstraints `xml:"ValidationConstraintsEvaluationReport"`
	Time        *etsiTimes       `xml:"ValidationTimeInfo"`
	Document    etsiDocument     `xml:"SignersDocument"`
	Attributes  *etsiAttributes  `xml:"SignatureAttributes"`
	Signer      *etsiSigner      `xml:"SignerInformation"`
	Quality     *etsiQuality     `xml:"SignatureQuality"`
	Process     string           `xml:"SignatureValidationProcess>SignatureValidationProcessID"`
	Status      etsiStatus       `xml:"SignatureValidationStatus"`
}

type etsiIdentifier struct {
	ID           string      `xml:"id,attr"`
	Digest       *etsiDigest `xml:"DigestAlgAndValue"`
	ValueText    string      `xml:"ds:SignatureValue,omitempty"`
	HashOnly     bool        `xml:"HashOnly"`
	DocHashOnly  bool        `xml:"DocHashOnly"`
	DAIdentifier string      `xml:"DAIdentifier,omitempty"`
}

type etsiDigest struct {
	Method etsiMethod `xml:"ds:DigestMethod"`
	Value  string     `xml:"ds:DigestValue"` // base64
}

type etsiMethod struct {
	Algorithm string `xml:"Algorithm,attr"`
}

type etsiConstraints struct {
	Policy      etsiPolicy       `xml:"SignatureValidationPolicy"`
	Constraints []etsiConstraint `xml:"ValidationConstraint"`
}

type etsiPolicy struct {
	Implied struct{} `xml:"SignaturePolicyIdentifier>xades:SignaturePolicyImplied"`
	Name    string   `xml:"PolicyName"`
	URI     string   `xml:"FormalPolicyURI"`
}

type etsiConstraint struct {
	Identifier string     `xml:"ValidationConstraintIdentifier"`
	Applied    string     `xml:"ConstraintStatus>Status"`
	Status     etsiStatus `xml:"ValidationStatus"`
	Reason     string     `xml:"Indications,omitempty"`
}

type etsiStatus struct {
	Main string    `xml:"MainIndication"`
	Sub  string    `xml:"SubIndication,omitempty"`
	Data *etsiData `xml:"AssociatedValidationReportData"`
}

type etsiData struct {
	Anchor  *etsiRef     `xml:"TrustAnchor"`
	Chain   *etsiChain   `xml:"CertificateChain"`
	Related []etsiRef    `xml:"RelatedValidationObject"`
	Revoked *etsiRevoked `xml:"RevocationStatusInformation"`
	Reasons *etsiReasons `xml:"AdditionalValidationReportData"`
}

type etsiRevoked struct {
	Certificate etsiRef `xml:"ValidationObjectId"`
	Time        string  `xml:"RevocationTime"`
	Reason      string  `xml:"RevocationReason,omitempty"`
	Object      etsiRef `xml:"RevocationObject"`
}

type etsiReasons struct {
	Codes []etsiTyped `xml:"ReportData"`
}

type etsiTyped struct {
	Type  string `xml:"Type"`
	Value string `xml:"Value"`
}

type etsiChain struct {
	Signing      etsiRef   `xml:"SigningCertificate"`
	Intermediate []etsiRef `xml:"IntermediateCertificate"`
	Anchor       *etsiRef  `xml:"TrustAnchor"`
}

type etsiRef struct {
	To string `xml:"VOReference,attr"`
}

type etsiTimes struct {
	Validation string  `xml:"ValidationTime"`
	Best       etsiPOE `xml:"BestSignatureTime"`
}

type etsiPOE struct {
	Time   string   `xml:"POETime"`
	Type   string   `xml:"TypeOfProof"`
	Object *etsiRef `xml:"POEObject"`
}

type etsiDocument struct {
	Digest etsiDigest `xml:"DigestAlgAndValue"`
	Ref    etsiRef    `xml:"SignersDocumentRef"`
}

type etsiAttributes struct {
	SigningTime *etsiSigningTime   `xml:"SigningTime"`
	Digest      *etsiMessageDigest `xml:"MessageDigest"`
	Stamps      []etsiStamp        `xml:"SignatureTimeStamp"`
	DocStamps   []etsiStamp        `xml:"DocTimeStamp"`
}

type etsiMessageDigest struct {
	Signed bool   `xml:"Signed,attr"`
	Digest string `xml:"Digest"` // base64
}

type etsiSigningTime struct {
	Time string `xml:"Time"`
}

type etsiStamp struct {
	Object etsiRef `xml:"AttributeObject"`
	Time   string  `xml:"TimeStampValue"`
}

type etsiSigner struct {
	Certificate etsiRef `xml:"SignerCertificate"`
	Name        string  `xml:"Signer,omitempty"`
}

type etsiQuality struct {
	Information []string `xml:"SignatureQualityInformation"`
}

type etsiObject struct {
	ID             string             `xml:"id,attr"`
	Type           string             `xml:"ObjectType"`
	Representation etsiRepresentation `xml:"ValidationObjectRepresentation"`
	POE            etsiPOE            `xml:"POE"`
}

type etsiRepresentation struct {
	Base64 string      `xml:"base64,omitempty"`
	Digest *etsiDigest `xml:"DigestAlgAndValue"`
}

type etsiValidator struct {
	Name string `xml:"DigitalId>tsl:Other"`
}
