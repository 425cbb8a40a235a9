"""Every HKDF label and associated-data prefix of the vault. Bytes in use are never changed and keep their meaning.

What follows a prefix in associated data has a fixed width (ids 16 bytes, numbers big-endian), so no separators are
needed. The all-secrets test walks this table.
"""

LABELS: dict[str, bytes] = {
    "kid": b"kid",  # HMAC label of a wrap's locator: only who holds the wrapping key can compute it for an object
    "record": b"rec/1",  # case key -> record key, and prefix of a record's associated data
    "wrap": b"wrap/1",  # wrapping key -> encryption and commitment key of one WRAP-S
    "wrapset": b"wrapset/1",  # wrapping key -> encryption and commitment key of one slot
    "hpke": b"hpke/1",  # prefix of the HPKE info of a WRAP-H
    "hpke kid": b"hpke-kid/1",  # HMAC label of the locator in a WRAP-H
    "grant": b"grant/1",  # what a member signs when sealing a key to another one
    "case wrap": b"case/1",  # prefix of the context that a wrap of a case's key is bound to
    "group wrap": b"wrap",  # group key | case shred half -> key that wraps case keys
    "group index": b"index/1",  # group key -> key of the group's index
    "group roster": b"roster/1",  # group key -> key that seals the group's roster
    "group commitment": b"commit/1",  # group key -> key of the commitment that the group's chain publishes
    "group link": b"link/1",  # prefix of a signed link of a group's chain
    "case access": b"access/1",  # prefix of a case's signed access list
    "member kek": b"kek/1",  # passphrase or code, pepper and shred half -> key that wraps the bundle key
    "bundle wrap": b"bundle-wrap/1",  # context of the bundle key's wraps
    "bundle": b"bundle/1",  # bundle key -> key that seals the keyring, and prefix of its associated data
    "recovery": b"recovery/1",  # SHA-256 label of the recovery code's checksum
    "office recovery": b"office-recovery/1",  # secret of the shares -> private part of the office's recovery pair
    "cover": b"cover/1",  # place of a key among the recovery rows, and prefix of the row's HPKE info
    "recovery test": b"recovery-test/1",  # root -> a test opening's code, and prefix of its HPKE info
    "recovery sheet": b"recovery-sheet/1",  # prefix of the HPKE info of a holder's sheet
    "recovery sheet key": b"sheet-key/1",  # a sheet's share -> signing key of the sheet, whose public part is kept
    "recovery sheet state": b"sheet-state/1",  # label of the small blob that says what became of a sheet
    "recovery check": b"recovery-check/1",  # prefix of what a sheet's own key signs when its words were typed back
    "return": b"return/1",  # prefix of the HPKE info of an answer to a returning member, and of what the root signs
    "session id": b"id",  # cookie's token -> what the row's key is the hash of
    "session key": b"wrap",  # cookie's token -> key that seals the session
    "session": b"session/1",  # prefix of a session's associated data
    "session holder": b"session-whose/1",  # label of the small blob that names a session's member
    "blob": b"blob/1",  # key | label -> key of a small sealed thing, and prefix of its associated data
    "file": b"doc/1",  # prefix of the context of a sealed file (Cobblestone-256)
    "index to group": b"idx2/1",  # prefix of the HPKE info of an index part's key, sealed to a group's public key
    "upkeep pass": b"pass/1",  # index key of a group -> key of the proof of a daily pass over its cases
    "conflict index": b"conflicts/1",  # SHA-256 label of what a case last wrote for the conflict officers
    "conflict request": b"conflict/1",  # prefix of the HPKE info of a conflict request's key, and blob label under it
    "conflict ids": b"conflict-ids/1",  # bundle key -> key of the ids of the member's conflict requests
    "conflict row": b"conflict-row/1",  # HMAC label under the key of the ids: id of a conflict request
    "conflict copy": b"conflict-copy/1",  # label of the small blob with the asker's copy of a conflict request
    "conflict answer": b"conflict-answer/1",  # label of the small blob with an answer, and prefix of its signature
    "conflict entry": b"conflict-entry/1",  # label of the small blob with the officers' entry of an answered request
    "plan": b"plan/1",  # a day's plan key -> key of plan rows, their locator, and prefix of their associated data
    "fire": b"fire/1",  # operational key -> key of fire rows, and prefix of their associated data
    "index part": b"idx/1",  # prefix of the associated data of a part of a group's index
    "audit": b"audit/1",  # case key -> key of who opened the case, and prefix of the HPKE info of an hour's key
    "finding": b"finding/1",  # group key -> key of the ids of findings, and prefix of a finding's HPKE info
    "stop": b"stop/1",  # prefix of the HPKE info of a stop's key, and label of the small blob under it
    "draft": b"draft/1",  # prefix of the HPKE info of a draft's key, and label of the small blob under it
    "draft pair": b"draft-pair/1",  # bundle key -> private key that opens the member's drafts
    "draft ids": b"draft-ids/1",  # bundle key -> key of the ids of the member's drafts
    "draft inbox": b"draft-inbox/1",  # label of the small blob with what writes a member's drafts
    "draft row": b"draft-row/1",  # HMAC label under the key of the ids: id of a draft
    "draft page": b"draft-page/1",  # HMAC label under the key of the ids: mark of a member's pages
    "form ids": b"form-ids/1",  # bundle key -> key of the ids of forms that the member sent
    "form row": b"form-row/1",  # HMAC label under the key of the ids: id of a sent form
    "form content": b"form-content/1",  # HMAC label under the key of the ids: what a form contained
    "sent form": b"form/1",  # label of the small blob with the answer of a sent form
    "filter ids": b"filter-ids/1",  # bundle key -> key of the ids of courts, judges and languages in addresses of lists
    "filter": b"filter/1",  # HMAC label under the key of the ids: id of a court, judge or language
    "views row": b"views-row/1",  # HMAC label under the key of the ids: id of the row with a member's saved views
    "saved views": b"views/1",  # label of the small blob with a member's saved views
    "import ids": b"import-ids/1",  # bundle key -> key of the ids of a member's imports
    "import row": b"import-row/1",  # HMAC label under the key of the ids: id of an import
    "import state": b"import/1",  # label of the small blob with the state of an import
    "import part": b"import-part/1",  # label of the small blob with rows of an import, or with their results
    "channel": b"channel/1",  # operational key -> key of members' addresses, and prefix of their associated data
    "invitation key": b"invitation/1",  # secret of an invitation's link -> key that seals offer and answer
    "invitation tag": b"invitation-tag/1",  # HMAC label under the operational key: the row of an invitation
    "invitation offer": b"offer/1",  # label of the small blob with what an invitation offers
    "invitation record": b"invite/1",  # label of the small blob with what the office keeps of an invitation
    "invitation answer": b"answer/1",  # label of the small blob with the newcomer's public keys
    "invitation words": b"words/1",  # SHA-256 label of the six words that both sides compare
    "invitation shown": b"invitation-shown/1",  # SHA-256 label of what an admin was shown when approving
    "directory": b"directory/1",  # label of the small blob with the directory, and prefix of what the root signs
    "group chain": b"group/2",  # label of the small blob with a group's chain
    "group descriptor": b"group/1",  # label of the small blob about a group, and prefix of what the root signs
    "profile": b"profile/1",  # label of the small blob with a member's profile
    "factor": b"factor/1",  # label of the small blob with a second factor
    "session state": b"session-about/1",  # label of the small blob with the state of a session
    "hook": b"hook/1",  # HMAC label under the operational key: the row of a webhook
    "hook key": b"hook-key/1",  # HMAC label under the operational key: proof of the key that a webhook seals to
    "hook message": b"hook-message/1",  # HMAC label under a webhook's code: the row of a message that it passed on
    "return tag": b"return-tag/1",  # HMAC label under the operational key: the row of a returning member
    "return words": b"return-words/1",  # SHA-256 label of the words of a returning member's request
    "office words": b"office-words/1",  # SHA-256 label of the six words of an office
    "recovery words": b"recovery-words/1",  # SHA-256 label of the words of a recovery set
    "recovery test code": b"code/1",  # HMAC label of the code that a test opening shows
    "activity stamp": b"activity/1",  # HMAC label under the operational key: the minute a session was last used
    "known browser": b"device/1",  # HMAC label under the operational key: proof that a browser signed in before
    "passkey user": b"passkey-user/1",  # HMAC label under the operational key: the id that a passkey keeps for a member
    "passkey proof": b"passkey/1",  # HMAC label under the operational key: challenge of a passkey
    "passkey unlock": b"caseapp/passkey-unlock/1",  # SHA-256 of it is the input of a passkey's secret
    "office code": b"office-code/1",  # HMAC label under the operational key: code that an office's members sign in with
    "sign-in account": b"door/1",  # HMAC label under the operational key: tag of an e-mail address
    "throttle": b"throttle/1",  # HMAC label under the operational key: bucket of tries
    "audit of case": b"audit-case/1",  # label of the small blob with an audit entry for the people of its case
    "audit leaf": b"audit-leaf/1",  # SHA-256 label of a row of the audit trail
    "audit month": b"month",  # HMAC label under a case's audit key: tag of the entries of a month
    "day lookup": b"fire",  # HMAC label under the operational key: lookup key of a member's reminder day
    "message id": b"message",  # HMAC label under the operational key: Message-ID of a reminder
    "unseen day": b"unseen day",  # HMAC label under the operational key: draws ordinary days whose message is repeated
    "other day": b"other day",  # HMAC label under the operational key: draws days without items that get a message
    "mailbox": b"mailbox",  # HMAC label under the operational key: which bounce mailbox was read
    "flash": b"flash/1",  # HMAC label under the operational key: name and value of the cookie of a message
    "bounce line": b"came back",  # HMAC label under the operational key: id of the log line of a returned message
    "backup file": b"caseapp-backup/1",  # first bytes of each file of a backup
    "backup": b"backup/1",  # key of a backup run -> key of each of its files, and prefix of their context
    "backup manifest": b"backup-manifest/1",  # prefix of what the server signs about a backup
    "destruction journal": b"destructions/1",  # prefix of what the server signs in a line of the journal
}

# Labels from which a key is derived by HKDF, alone or followed by something: the roles that a secret can have.
KEY_LABELS = frozenset(
    (
        "audit",
        "backup",
        "blob",
        "bundle",
        "channel",
        "conflict ids",
        "draft ids",
        "draft pair",
        "filter ids",
        "finding",
        "fire",
        "form ids",
        "group commitment",
        "group index",
        "group roster",
        "group wrap",
        "import ids",
        "invitation key",
        "member kek",
        "office recovery",
        "plan",
        "record",
        "recovery sheet key",
        "recovery test",
        "session id",
        "session key",
        "upkeep pass",
    )
)
