"""The kinds of personal data that can be asked for, in Presidio's words, and who knows which."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from presidio_analyzer import LocalRecognizer
from presidio_analyzer import predefined_recognizers as presidio

from guardrails.checks.pii.own import OWN

PATTERNS: Mapping[str, type[LocalRecognizer]] = MappingProxyType(
    {
        "ABA_ROUTING_NUMBER": presidio.AbaRoutingRecognizer,
        "AU_ABN": presidio.AuAbnRecognizer,
        "AU_ACN": presidio.AuAcnRecognizer,
        "AU_MEDICARE": presidio.AuMedicareRecognizer,
        "AU_TFN": presidio.AuTfnRecognizer,
        "CA_POSTAL_CODE": presidio.CaPostalCodeRecognizer,
        "CA_SIN": presidio.CaSinRecognizer,
        "CREDIT_CARD": presidio.CreditCardRecognizer,
        "CRYPTO": presidio.CryptoRecognizer,
        "DE_FUEHRERSCHEIN": presidio.DeFuehrerscheinRecognizer,
        "DE_HEALTH_INSURANCE": presidio.DeHealthInsuranceRecognizer,
        "DE_ID_CARD": presidio.DeIdCardRecognizer,
        "DE_KFZ": presidio.DeKfzRecognizer,
        "DE_PASSPORT": presidio.DePassportRecognizer,
        "DE_SOCIAL_SECURITY": presidio.DeSocialSecurityRecognizer,
        "DE_TAX_ID": presidio.DeTaxIdRecognizer,
        "DE_TAX_NUMBER": presidio.DeTaxNumberRecognizer,
        "DE_VAT_ID": presidio.DeVatIdRecognizer,
        "EMAIL_ADDRESS": presidio.EmailRecognizer,
        "ES_NIE": presidio.EsNieRecognizer,
        "ES_NIF": presidio.EsNifRecognizer,
        "ES_PASSPORT": presidio.EsPassportRecognizer,
        "FI_PERSONAL_IDENTITY_CODE": presidio.FiPersonalIdentityCodeRecognizer,
        "IBAN_CODE": presidio.IbanRecognizer,
        "IN_AADHAAR": presidio.InAadhaarRecognizer,
        "IN_GSTIN": presidio.InGstinRecognizer,
        "IN_PAN": presidio.InPanRecognizer,
        "IN_PASSPORT": presidio.InPassportRecognizer,
        "IN_VEHICLE_REGISTRATION": presidio.InVehicleRegistrationRecognizer,
        "IN_VOTER": presidio.InVoterRecognizer,
        "IP_ADDRESS": presidio.IpRecognizer,
        "IT_DRIVER_LICENSE": presidio.ItDriverLicenseRecognizer,
        "IT_FISCAL_CODE": presidio.ItFiscalCodeRecognizer,
        "IT_IDENTITY_CARD": presidio.ItIdentityCardRecognizer,
        "IT_PASSPORT": presidio.ItPassportRecognizer,
        "IT_VAT_CODE": presidio.ItVatCodeRecognizer,
        "KR_BRN": presidio.KrBrnRecognizer,
        "KR_DRIVER_LICENSE": presidio.KrDriverLicenseRecognizer,
        "KR_FRN": presidio.KrFrnRecognizer,
        "KR_PASSPORT": presidio.KrPassportRecognizer,
        "KR_RRN": presidio.KrRrnRecognizer,
        "MAC_ADDRESS": presidio.MacAddressRecognizer,
        "MEDICAL_LICENSE": presidio.MedicalLicenseRecognizer,
        "NG_NIN": presidio.NgNinRecognizer,
        "NG_VEHICLE_REGISTRATION": presidio.NgVehicleRegistrationRecognizer,
        "PHONE_NUMBER": presidio.PhoneRecognizer,
        "PL_PESEL": presidio.PlPeselRecognizer,
        "SE_ORGANISATIONSNUMMER": presidio.SeOrganisationsnummerRecognizer,
        "SE_PERSONNUMMER": presidio.SePersonnummerRecognizer,
        "SG_NRIC_FIN": presidio.SgFinRecognizer,
        "SG_UEN": presidio.SgUenRecognizer,
        "TH_TNIN": presidio.ThTninRecognizer,
        "TR_NATIONAL_ID": presidio.TrNationalIdRecognizer,
        "UK_DRIVING_LICENCE": presidio.UkDrivingLicenceRecognizer,
        "UK_NHS": presidio.NhsRecognizer,
        "UK_NINO": presidio.UkNinoRecognizer,
        "UK_PASSPORT": presidio.UkPassportRecognizer,
        "UK_POSTCODE": presidio.UkPostcodeRecognizer,
        "UK_VEHICLE_REGISTRATION": presidio.UkVehicleRegistrationRecognizer,
        "URL": presidio.UrlRecognizer,
        "US_BANK_NUMBER": presidio.UsBankRecognizer,
        "US_DRIVER_LICENSE": presidio.UsLicenseRecognizer,
        "US_ITIN": presidio.UsItinRecognizer,
        "US_MBI": presidio.UsMbiRecognizer,
        "US_NPI": presidio.UsNpiRecognizer,
        "US_PASSPORT": presidio.UsPassportRecognizer,
        "US_SSN": presidio.UsSsnRecognizer,
        "UUID": presidio.UuidRecognizer,
        "ZA_ID_NUMBER": presidio.ZaIdNumberRecognizer,
    }
)
"""What is found by its pattern, most of it with a checksum or rules of its own."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "GIVEN_NAME": "PERSON",
        "SURNAME": "PERSON",
        "BUILDING_NUMBER": "STREET_ADDRESS",
        "STREET_NAME": "STREET_ADDRESS",
        "SECONDARY_ADDRESS": "STREET_ADDRESS",
        "CITY": "GPE",
        "STATE": "GPE",
        "EMAIL": "EMAIL_ADDRESS",
        "PHONE": "PHONE_NUMBER",
        "ROUTING_NUMBER": "ABA_ROUTING_NUMBER",
        "DRIVERS_LICENSE": "DRIVER_LICENSE",
    }
)
"""What a model names, by the label that it uses; a label that is not here counts as it stands."""

WIDER: Mapping[str, str] = MappingProxyType(
    {
        "GPE": "LOCATION",
        "STREET_ADDRESS": "LOCATION",
        "ZIP_CODE": "LOCATION",
        "UK_POSTCODE": "ZIP_CODE",
        "CA_POSTAL_CODE": "ZIP_CODE",
        "DATE_OF_BIRTH": "DATE_TIME",
        "DOMAIN_NAME": "URL",
        "URL": "DOMAIN_NAME",
        "DRIVER_LICENSE": "US_DRIVER_LICENSE",
        "US_DRIVER_LICENSE": "DRIVER_LICENSE",
        "PASSPORT": "US_PASSPORT",
        "US_PASSPORT": "PASSPORT",
        "BANK_ACCOUNT": "US_BANK_NUMBER",
        "US_BANK_NUMBER": "BANK_ACCOUNT",
    }
)
"""What an entity is told as where it is not asked for, and this is."""

NAMED = frozenset(
    {
        "PERSON",
        "ORGANIZATION",
        "LOCATION",
        "GPE",
        "NRP",
        "GOVERNMENT_ID",
        "TAX_ID",
    }
)
"""What a model alone can find."""

HELPED = frozenset(
    {
        *("PHONE_NUMBER", "DATE_TIME", "DATE_OF_BIRTH", "AGE", "ZIP_CODE", "USERNAME", "PASSWORD"),
        *(
            "STREET_ADDRESS",
            "TITLE",
            "DRIVER_LICENSE",
            "PASSPORT",
            "BANK_ACCOUNT",
            "MEDICAL_RECORD",
            "LICENSE_PLATE",
        ),
    }
)
"""What has patterns, but is found much better beside a model."""

PATTERNED = frozenset({*PATTERNS, *OWN, "DOMAIN_NAME"})
"""What has a recogniser."""

ENTITIES = tuple(sorted({*PATTERNED, *NAMED, "DATE_OF_BIRTH"}))

COMMON = (
    "PERSON",
    "STREET_ADDRESS",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "CREDIT_CARD",
    "IBAN_CODE",
    "US_SSN",
    "IP_ADDRESS",
    "CRYPTO",
)
"""What most policies want."""

PROVEN = frozenset(
    {
        *("CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS", "UUID", "CRYPTO"),
        *("URL", "DOMAIN_NAME"),
    }
)
"""What a pattern tells for sure: where that says no, a model's word is worth nothing."""

RIVALS = frozenset(
    {
        "CREDIT_CARD",
        "IBAN_CODE",
        "US_SSN",
        "IP_ADDRESS",
        "CRYPTO",
        "EMAIL_ADDRESS",
        "URL",
        "UUID",
        "DATE_TIME",
    }
)
"""What a model may take for something else: looked for beside it, asked for or not."""

PARTS_OF_PLACES = frozenset({"BUILDING_NUMBER", "SECONDARY_ADDRESS", "ZIP_CODE"})
"""Labels that make no LOCATION without a street or a town beside them: they may be any number."""


def told_as(entity: str, asked: Collection[str]) -> str:
    """The name that an entity is reported under: its own, or the wider one that is asked for."""
    name = entity
    for _ in WIDER:
        if name in asked:
            return name
        name = WIDER.get(name, "")
        if not name or name == entity:
            break
    return entity
