//! What-ifs of the sample estate: from a lift as it is, step by step, to what it might become.

/// Names and texts of `scenarios/*.toml`, in the order of the story.
pub const SCENARIOS: [(&str, &str); 6] = [
    (
        "1-as-is.toml",
        "# Every host moves to a type of its own size: what a lift and shift would cost.\n\
         description = \"as it is today, lifted and shifted\"\n\
         # The others are compared with this one.\n\
         base = true\n\
         rule = \"as-is\"\n",
    ),
    (
        "2-right-sized.toml",
        "# Nothing differs from the plan.\n\
         description = \"every host at the size it needs: the plan\"\n",
    ),
    (
        "3-arm64.toml",
        "# Graviton wherever it is cheaper and nothing is known against it.\n\
         based_on = \"right-sized\"\n\
         description = \"also on Graviton, where it is cheaper\"\n\
         architectures = [\"x86_64\", \"arm64\"]\n",
    ),
    (
        "4-savings-plan.toml",
        "# Production runs day and night, so its use is committed to.\n\
         based_on = \"arm64\"\n\
         description = \"and production under a savings plan of three years\"\n\
         \n\
         [environments.production]\n\
         purchase = \"compute-savings-plan-3y\"\n",
    ),
    (
        "5-nights.toml",
        "# What nobody waits for at night is stopped.\n\
         based_on = \"savings-plan\"\n\
         description = \"and staging and development off at night and at week-ends\"\n\
         \n\
         [environments.staging]\n\
         schedule = \"Mon-Fri 07-20\"\n\
         \n\
         [environments.development]\n\
         schedule = \"Mon-Fri 08-19\"\n",
    ),
    (
        "6-replatform.toml",
        "# Databases, caches, queues and proxies on managed services, as the plan sizes them; they are paid on demand.\n\
         based_on = \"nights\"\n\
         description = \"and the data tier on managed services\"\n\
         phase = \"replatform\"\n",
    ),
];
