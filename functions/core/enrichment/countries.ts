/**
 * Countries by region: ISO 3166-1 codes of two and three letters, then English names. America's
 * two continents are AMER; Europe, Africa, Western Asia and Iran are EMEA; the rest of Asia and
 * Oceania are APAC. A change here is a new version of the lookup tables.
 */
export const COUNTRIES: Readonly<Record<'AMER' | 'EMEA' | 'APAC', string>> = {
  AMER: `
    AG/ATG/Antigua and Barbuda; AI/AIA/Anguilla; AR/ARG/Argentina; AW/ABW/Aruba; BB/BRB/Barbados;
    BL/BLM/Saint Barthélemy; BM/BMU/Bermuda; BO/BOL/Bolivia; BQ/BES/Bonaire; BR/BRA/Brazil;
    BS/BHS/Bahamas; BV/BVT/Bouvet Island; BZ/BLZ/Belize; CA/CAN/Canada; CL/CHL/Chile;
    CO/COL/Colombia; CR/CRI/Costa Rica; CU/CUB/Cuba; CW/CUW/Curaçao; DM/DMA/Dominica;
    DO/DOM/Dominican Republic; EC/ECU/Ecuador; FK/FLK/Falkland Islands; GD/GRD/Grenada;
    GF/GUF/French Guiana; GL/GRL/Greenland; GP/GLP/Guadeloupe;
    GS/SGS/South Georgia and the South Sandwich Islands; GT/GTM/Guatemala; GY/GUY/Guyana;
    HN/HND/Honduras; HT/HTI/Haiti; JM/JAM/Jamaica; KN/KNA/Saint Kitts and Nevis;
    KY/CYM/Cayman Islands; LC/LCA/Saint Lucia; MF/MAF/Saint Martin; MQ/MTQ/Martinique;
    MS/MSR/Montserrat; MX/MEX/Mexico; NI/NIC/Nicaragua; PA/PAN/Panama; PE/PER/Peru;
    PM/SPM/Saint Pierre and Miquelon; PR/PRI/Puerto Rico; PY/PRY/Paraguay; SR/SUR/Suriname;
    SV/SLV/El Salvador; SX/SXM/Sint Maarten; TC/TCA/Turks and Caicos Islands;
    TT/TTO/Trinidad and Tobago; US/USA/United States/United States of America/America;
    UY/URY/Uruguay; VC/VCT/Saint Vincent and the Grenadines; VE/VEN/Venezuela;
    VG/VGB/British Virgin Islands; VI/VIR/US Virgin Islands;
  `,
  EMEA: `
    AD/AND/Andorra; AE/ARE/United Arab Emirates/UAE; AL/ALB/Albania; AM/ARM/Armenia;
    AO/AGO/Angola; AT/AUT/Austria; AX/ALA/Åland Islands; AZ/AZE/Azerbaijan;
    BA/BIH/Bosnia and Herzegovina; BE/BEL/Belgium; BF/BFA/Burkina Faso; BG/BGR/Bulgaria;
    BH/BHR/Bahrain; BI/BDI/Burundi; BJ/BEN/Benin; BW/BWA/Botswana; BY/BLR/Belarus;
    CD/COD/DR Congo; CF/CAF/Central African Republic; CG/COG/Congo; CH/CHE/Switzerland;
    CI/CIV/Côte d'Ivoire/Ivory Coast; CM/CMR/Cameroon; CV/CPV/Cabo Verde/Cape Verde;
    CY/CYP/Cyprus; CZ/CZE/Czechia/Czech Republic; DE/DEU/Germany/Deutschland; DJ/DJI/Djibouti;
    DK/DNK/Denmark; DZ/DZA/Algeria; EE/EST/Estonia; EG/EGY/Egypt; EH/ESH/Western Sahara;
    ER/ERI/Eritrea; ES/ESP/Spain; ET/ETH/Ethiopia; FI/FIN/Finland; FO/FRO/Faroe Islands;
    FR/FRA/France; GA/GAB/Gabon;
    GB/GBR/United Kingdom/UK/Great Britain/England/Scotland/Wales/Northern Ireland;
    GE/GEO/Georgia; GG/GGY/Guernsey; GH/GHA/Ghana; GI/GIB/Gibraltar; GM/GMB/Gambia; GN/GIN/Guinea;
    GQ/GNQ/Equatorial Guinea; GR/GRC/Greece; GW/GNB/Guinea-Bissau; HR/HRV/Croatia; HU/HUN/Hungary;
    IE/IRL/Ireland; IL/ISR/Israel; IM/IMN/Isle of Man; IO/IOT/British Indian Ocean Territory;
    IQ/IRQ/Iraq; IR/IRN/Iran; IS/ISL/Iceland; IT/ITA/Italy; JE/JEY/Jersey; JO/JOR/Jordan;
    KE/KEN/Kenya; KM/COM/Comoros; KW/KWT/Kuwait; LB/LBN/Lebanon; LI/LIE/Liechtenstein;
    LR/LBR/Liberia; LS/LSO/Lesotho; LT/LTU/Lithuania; LU/LUX/Luxembourg; LV/LVA/Latvia;
    LY/LBY/Libya; MA/MAR/Morocco; MC/MCO/Monaco; MD/MDA/Moldova; ME/MNE/Montenegro;
    MG/MDG/Madagascar; MK/MKD/North Macedonia/Macedonia; ML/MLI/Mali; MR/MRT/Mauritania;
    MT/MLT/Malta; MU/MUS/Mauritius; MW/MWI/Malawi; MZ/MOZ/Mozambique; NA/NAM/Namibia;
    NE/NER/Niger; NG/NGA/Nigeria; NL/NLD/Netherlands/Holland/The Netherlands; NO/NOR/Norway;
    OM/OMN/Oman; PL/POL/Poland; PS/PSE/Palestine; PT/PRT/Portugal; QA/QAT/Qatar; RE/REU/Réunion;
    RO/ROU/Romania; RS/SRB/Serbia; RU/RUS/Russian Federation/Russia; RW/RWA/Rwanda;
    SA/SAU/Saudi Arabia; SC/SYC/Seychelles; SD/SDN/Sudan; SE/SWE/Sweden; SH/SHN/Saint Helena;
    SI/SVN/Slovenia; SJ/SJM/Svalbard and Jan Mayen; SK/SVK/Slovakia; SL/SLE/Sierra Leone;
    SM/SMR/San Marino; SN/SEN/Senegal; SO/SOM/Somalia; SS/SSD/South Sudan;
    ST/STP/Sao Tome and Principe; SY/SYR/Syria; SZ/SWZ/Eswatini/Swaziland; TD/TCD/Chad;
    TF/ATF/French Southern Territories; TG/TGO/Togo; TN/TUN/Tunisia; TR/TUR/Türkiye/Turkey;
    TZ/TZA/Tanzania; UA/UKR/Ukraine; UG/UGA/Uganda; VA/VAT/Holy See/Vatican; YE/YEM/Yemen;
    YT/MYT/Mayotte; ZA/ZAF/South Africa; ZM/ZMB/Zambia; ZW/ZWE/Zimbabwe; XK/XKX/Kosovo;
  `,
  APAC: `
    AF/AFG/Afghanistan; AS/ASM/American Samoa; AU/AUS/Australia; BD/BGD/Bangladesh;
    BN/BRN/Brunei Darussalam/Brunei; BT/BTN/Bhutan; CC/CCK/Cocos Islands; CK/COK/Cook Islands;
    CN/CHN/China; CX/CXR/Christmas Island; FJ/FJI/Fiji; FM/FSM/Micronesia; GU/GUM/Guam;
    HK/HKG/Hong Kong; HM/HMD/Heard Island and McDonald Islands; ID/IDN/Indonesia; IN/IND/India;
    JP/JPN/Japan; KG/KGZ/Kyrgyzstan; KH/KHM/Cambodia; KI/KIR/Kiribati; KP/PRK/North Korea;
    KR/KOR/South Korea/Korea; KZ/KAZ/Kazakhstan; LA/LAO/Laos; LK/LKA/Sri Lanka;
    MH/MHL/Marshall Islands; MM/MMR/Myanmar/Burma; MN/MNG/Mongolia; MO/MAC/Macao;
    MP/MNP/Northern Mariana Islands; MV/MDV/Maldives; MY/MYS/Malaysia; NC/NCL/New Caledonia;
    NF/NFK/Norfolk Island; NP/NPL/Nepal; NR/NRU/Nauru; NU/NIU/Niue; NZ/NZL/New Zealand;
    PF/PYF/French Polynesia; PG/PNG/Papua New Guinea; PH/PHL/Philippines; PK/PAK/Pakistan;
    PN/PCN/Pitcairn; PW/PLW/Palau; SB/SLB/Solomon Islands; SG/SGP/Singapore; TH/THA/Thailand;
    TJ/TJK/Tajikistan; TK/TKL/Tokelau; TL/TLS/Timor-Leste; TM/TKM/Turkmenistan; TO/TON/Tonga;
    TV/TUV/Tuvalu; TW/TWN/Taiwan; UM/UMI/United States Minor Outlying Islands; UZ/UZB/Uzbekistan;
    VN/VNM/Vietnam; VU/VUT/Vanuatu; WF/WLF/Wallis and Futuna; WS/WSM/Samoa;
  `,
};
