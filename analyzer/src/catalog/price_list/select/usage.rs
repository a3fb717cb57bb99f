//! Usage types: their region prefix, and what stands behind it.

/// Prefixes of usage types and the region each names; none is us-east-1.
const PREFIXES: &[(&str, &str)] = &[
    ("USE1", "us-east-1"),
    ("USE2", "us-east-2"),
    ("USW1", "us-west-1"),
    ("USW2", "us-west-2"),
    ("CAN1", "ca-central-1"),
    ("EU", "eu-west-1"),
    ("EUW1", "eu-west-1"),
    ("EUW2", "eu-west-2"),
    ("EUW3", "eu-west-3"),
    ("EUC1", "eu-central-1"),
    ("EUN1", "eu-north-1"),
    ("EUS1", "eu-south-1"),
    ("APS1", "ap-southeast-1"),
    ("APS2", "ap-southeast-2"),
    ("APS3", "ap-south-1"),
    ("APS4", "ap-southeast-3"),
    ("APS5", "ap-south-2"),
    ("APS6", "ap-southeast-4"),
    ("APS7", "ap-southeast-5"),
    ("APS8", "ap-southeast-6"),
    ("APS9", "ap-southeast-7"),
    ("APN1", "ap-northeast-1"),
    ("APN2", "ap-northeast-2"),
    ("APN3", "ap-northeast-3"),
    ("APE1", "ap-east-1"),
    ("APE2", "ap-east-2"),
    ("MES1", "me-south-1"),
    ("AFS1", "af-south-1"),
    ("SAE1", "sa-east-1"),
    ("UGW1", "us-gov-west-1"),
    ("UGE1", "us-gov-east-1"),
];

/// Gives a usage type without its region prefix: `BoxUsage:m7i.large` of `APS1-BoxUsage:m7i.large`.
pub(in crate::catalog::price_list) fn bare(usage_type: &str) -> &str {
    match prefix(usage_type) {
        Some((_, rest)) => rest,
        None => usage_type,
    }
}

/// Gives the region that a usage type's prefix names; for files from before there was a column for it.
pub(in crate::catalog::price_list) fn region_of(usage_type: &str) -> Option<&'static str> {
    match prefix(usage_type) {
        None if usage_type.is_empty() => None,
        None => Some("us-east-1"),
        Some((prefix, _)) => PREFIXES
            .iter()
            .find(|(known, _)| *known == prefix)
            .map(|(_, region)| *region),
    }
}

/// Splits a prefix of two to five capital letters and digits off.
fn prefix(usage_type: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = usage_type.split_once('-')?;
    let is_prefix = (2..=5).contains(&prefix.len())
        && prefix
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && prefix != "RDS";
    is_prefix.then_some((prefix, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_taken_off_and_nothing_else() {
        for (whole, rest) in [
            ("APS1-BoxUsage:m7i.large", "BoxUsage:m7i.large"),
            ("BoxUsage:m7i.large", "BoxUsage:m7i.large"),
            ("EU-Aurora:IO-OptimizedStorageUsage", "Aurora:IO-OptimizedStorageUsage"),
            ("Aurora:IO-OptimizedStorageUsage", "Aurora:IO-OptimizedStorageUsage"),
            ("Multi-AZUsage:db.m7g.large", "Multi-AZUsage:db.m7g.large"),
            ("UGW1-EBS:VolumeUsage.gp3", "EBS:VolumeUsage.gp3"),
        ] {
            assert_eq!(bare(whole), rest);
        }
        assert_eq!(region_of("APS4-BoxUsage:m7i.large"), Some("ap-southeast-3"));
        assert_eq!(region_of("BoxUsage:m7i.large"), Some("us-east-1"));
        assert_eq!(region_of("XX9-BoxUsage:m7i.large"), None);
    }
}
